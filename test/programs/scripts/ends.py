"""Ends in the way that its argument names."""
import atexit
import os
import signal
import sys
import threading


class Fails:
    def __getattr__(self, name):
        raise AttributeError("there is no %r here" % name)


def chain(n):
    if n == 0:
        return Fails().missing
    try:
        return chain(n - 1)
    except AttributeError as error:
        if n == 2:
            raise KeyError(n) from error
        raise


def endless(n):
    return endless(n + 1) + 1


def in_thread():
    thread = threading.Thread(target=lambda: [][0], name="worker")
    thread.start()
    thread.join()


def main(how):
    atexit.register(print, "at exit")
    print("starts", how)
    if how == "text":
        sys.exit("the reason")
    if how == "number":
        sys.exit(300)
    if how == "none":
        sys.exit()
    if how == "object":
        sys.exit(Fails)
    if how == "_exit":
        sys.stdout.flush()
        os._exit(9)
    if how == "abort":
        sys.stdout.flush()
        os.abort()
    if how in ("SIGTERM", "SIGKILL", "SIGINT", "SIGSEGV", "SIGPIPE"):
        sys.stdout.flush()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.kill(os.getpid(), getattr(signal, how))
        signal.sigtimedwait([], 5)
    if how == "chain":
        chain(4)
    if how == "recursion":
        endless(0)
    if how == "caught-recursion":
        for _ in range(3):
            try:
                endless(0)
            except RecursionError as error:
                print(error)
    if how == "thread":
        in_thread()
    if how == "hook":
        sys.excepthook = lambda kind, error, traceback: print(kind.__name__, error, traceback.tb_lineno)
        chain(1)
    if how == "unraisable":
        class Dies:
            def __del__(self):
                raise ValueError("in __del__")

        Dies()
    if how == "closed":
        os.close(1)
        print("nobody hears this")


main(sys.argv[1])
