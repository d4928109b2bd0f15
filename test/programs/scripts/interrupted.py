"""Waits for a signal and cleans up when it comes; a second one would end that."""
import signal
import time


def stop(number, frame):
    raise SystemExit("stopped by %d" % number)


def main():
    signal.signal(signal.SIGTERM, stop)
    try:
        print("ready", flush=True)
        while True:
            time.sleep(0.01)
    except BaseException as error:
        print("cleans up after", repr(error), flush=True)
        since = time.monotonic()
        while time.monotonic() - since < 0.4:
            pass
        print("cleaned", flush=True)
        raise
    finally:
        print("finally", flush=True)


main()
