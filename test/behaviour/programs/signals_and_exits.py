# ends 12
"""Signals in loops, KeyboardInterrupt in the middle of operations, and how a process ends."""
import os
import signal
import subprocess
import sys
import time

LOG = []


class Timeout(Exception):
    pass


def on_alarm(number, frame):
    LOG.append(frame.f_code.co_name)
    raise Timeout


def busy():
    total = 0
    while True:
        total += len(str(total)) % 7


def busy_for():
    for number in iter(int, 1):
        number += 1


def busy_comprehension():
    return [number for number in iter(int, 1) if number]


def sleeping():
    time.sleep(30)


def in_with():
    with Manager():
        busy()


class Manager:
    def __enter__(self):
        LOG.append("enter")

    def __exit__(self, kind, *error):
        LOG.append(f"exit {kind.__name__}")


def generator():
    try:
        while True:
            yield 1
    finally:
        LOG.append("generator closed")


def consuming():
    for _ in generator():
        pass


def interrupted(function):
    # By the process's own time where it works: the machine may let it wait before it is inside.
    timer, number = (signal.ITIMER_REAL, signal.SIGALRM) if function is sleeping else (signal.ITIMER_PROF, signal.SIGPROF)
    signal.signal(number, on_alarm)
    try:
        signal.setitimer(timer, 0.05)
        function()
    except Timeout:
        LOG.append("timeout")
    return LOG and LOG[-1] == "timeout", sorted(set(LOG) & {"enter", "exit Timeout", "timeout", "generator closed"})


for function in (busy, busy_for, sleeping, in_with, consuming):
    print(function.__name__, interrupted(function))
    LOG.clear()

flags = []
signal.signal(signal.SIGUSR1, lambda number, frame: flags.append(number))
for _ in range(5):
    os.kill(os.getpid(), signal.SIGUSR1)
    x = 0
    while len(flags) == _ and x < 10_000_000:
        x += 1
print("handled", len(flags))


def interrupt_me():
    try:
        os.kill(os.getpid(), signal.SIGINT)
        for _ in range(10_000_000):
            pass
    finally:
        print("cleaned")


try:
    interrupt_me()
except KeyboardInterrupt as error:
    print("interrupted", error.__traceback__.tb_next is not None)


def in_child(action):
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        action()
        os._exit(99)
    _, status = os.waitpid(child, 0)
    print(action.__name__, status)


def leaves():
    try:
        os._exit(3)
    finally:
        print("never")


def killed():
    os.kill(os.getpid(), signal.SIGKILL)


def exits():
    try:
        sys.exit("message on standard error")
    except SystemExit as error:
        os._exit(len(error.code))


def in_thread_pool():
    import concurrent.futures
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        os._exit(sum(pool.map(lambda x: x * 2, range(3))))


for action in (leaves, killed, exits, in_thread_pool):
    in_child(action)
print(subprocess.run([sys.executable, "-c", "import sys; sys.exit(7)"]).returncode)
sys.stdout.flush()
import atexit
atexit.register(lambda: print("at exit", flush=True))
sys.exit(12)
