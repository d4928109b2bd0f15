"""Uses half a second of a CPU that two other processes want, too; prints how often it was put off it."""
import os
import resource
import subprocess
import sys
import time


class Point:
    def __init__(self):
        self.x = 1

    @property
    def double(self):
        return self.x * 2


def work(point):
    total = 0
    for i in range(2000):
        total += point.double
    return total


def main():
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    others = [subprocess.Popen([sys.executable, "-S", "-c", "while True: pass"]) for _ in range(2)]
    try:
        point = Point()
        end = time.process_time() + 0.5
        while time.process_time() < end:
            work(point)
    finally:
        for other in others:
            other.kill()
            other.wait()
    print(resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw)


main()
