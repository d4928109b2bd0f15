"""CPU time of copies of examples/sensors, in turn, in one process with the collector off.

Usage: python turns.py FOLDER ROWS ROUNDS COPY...

The first copy is the program as it is, the last one has probes. Prints JSON: nanoseconds of each copy in each turn, of a
hundred rows read and summed up, and of the report's text.
"""

import gc
import importlib
import json
import os
import sys
import time

CHUNK = 100
MODULES = ("measurement", "aggregate", "report", "generate")


def load(folder):
    """The modules of a copy, which find each other and are forgotten."""
    sys.path.insert(0, folder)
    modules = {name: importlib.import_module(name) for name in MODULES}
    for name in MODULES:
        del sys.modules[name]
    sys.path.pop(0)
    return modules


def sum_up(modules, rows, sensors):
    make = modules["measurement"].Measurement
    return modules["aggregate"].by_hour([make(*row) for row in rows], sensors)[0]


def timed(work, *arguments):
    before = time.thread_time_ns()
    work(*arguments)
    return time.thread_time_ns() - before


def in_turn(copies, turn, work):
    """Work of all copies; whoever comes first in one turn comes last in the next."""
    names = list(copies)
    first = turn % len(names)
    return {name: work(copies[name]) for name in names[first:] + names[:first]}


def main():
    folder, count, rounds, *names = sys.argv[1:]
    gc.disable()
    copies = {name: load(os.path.join(folder, name)) for name in names}
    original = copies[names[0]]
    sensors = original["generate"].SENSORS
    rows = [[str(cell) for cell in row] for row in original["generate"].rows(int(count), 1)]
    parts = [rows[at : at + CHUNK] for at in range(0, len(rows), CHUNK)]
    summing = [
        in_turn(copies, turn, lambda modules: timed(sum_up, modules, part, sensors)) for turn, part in enumerate(parts)
    ]
    hours = sum_up(original, rows, sensors)
    writing = [in_turn(copies, turn, lambda modules: timed(modules["report"].hourly, hours)) for turn in range(int(rounds))]
    json.dump({"summing": summing, "writing": writing}, sys.stdout)


main()
