# ends SIGINT
"""A KeyboardInterrupt that nobody catches: the traceback, the exit by signal."""
import os
import signal
import sys


class Last:
    def __del__(self):
        print("deleted", flush=True)


def deeper(last):
    try:
        signal.raise_signal(signal.SIGINT)
    finally:
        print("finally", flush=True)


def main():
    last = Last()
    print("a line that is long enough for the test to believe that something ran", flush=True)
    total = sum(x * x for x in range(10) if x % 2)
    table = {str(number): number for number in range(5)}
    print(total, table, len(sys.argv), os.getpid() > 0, flush=True)
    deeper(last)


main()
