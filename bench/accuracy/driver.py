"""Runs the cases of accuracy.ts: each as it is, without the operation, and with probes, in turn.

usage: python driver.py FOLDER ROUNDS
FOLDER has the modules, some of them instrumented, and cases.json: [[module, case, operand, duration, unrolled, loops], …].
Prints {case: [true, true in another place of memory, true of the parent's own part or null, with probes]}, nanoseconds
of CPU time per execution, medians of rounds.
"""
import gc
import json
import sys
import time
from importlib import import_module

sys.path.insert(0, sys.argv[1])
from accuracy_spin import spinner  # noqa: E402


LOOPS = 1  # how often the case that runs repeats its statements


class Slot:
    __slots__ = ("x",)

    def __init__(self):
        self.x = 1


class Instance:
    def __init__(self):
        self.x = 1


def make_property(spin):
    class Property:
        @property
        def x(self):
            spin()

    return Property()


def make_getattr(spin):
    class Getattr:
        def __getattr__(self, name):
            spin()

    return Getattr()


def make_add(spin):
    class Add:
        def __add__(self, other):
            spin()

    return Add()


def make_contains(spin):
    class Contains:
        def __contains__(self, item):
            spin()

    return Contains()


def make_callee(spin):
    def callee():
        spin()

    return callee


def make_steps(spin):
    class Steps:
        def __iter__(self):
            self.left = LOOPS
            return self

        def __next__(self):
            self.left -= 1
            if self.left < 0:
                raise StopIteration
            spin()

    return Steps()


def make_empty(_spin):
    def empty():
        pass

    return empty


OPERANDS = {
    "property": make_property,
    "getattr": make_getattr,
    "add": make_add,
    "contains": make_contains,
    "c_function": lambda spin: spin,
    "callee": make_callee,
    "steps": make_steps,
    "empty": make_empty,
    "slot": lambda _: Slot(),
    "instance": lambda _: Instance(),
    "int": lambda _: 1000,
    "dict": lambda _: {1000: 1},
    "list": lambda _: [1, 2, 3],
}


def timed(function, loops, operand):
    start = time.thread_time()  # what a preemption takes is not in it
    function(loops, operand)
    return (time.thread_time() - start) * 1e9


def median(values):
    return sorted(values)[len(values) // 2]


def measure(module, case, operand, unrolled, rounds):
    forms = [getattr(module, case + "_" + form, None) for form in ("base", "plain", "again", "own", "probed")]
    base, plain, again, own, probed = times = [[], [], [], [], []]
    for _ in range(rounds):
        for form, list_of in zip(forms, times):
            if form:
                list_of.append(timed(form, range(LOOPS), operand) / LOOPS / unrolled)
    less = lambda more: median([a - b for a, b in zip(more, base)]) if more else None  # noqa: E731
    return less(plain), less(again), less(own), less(probed)


def main(folder, rounds):
    with open(folder + "/cases.json") as file:
        cases = json.load(file)
    global LOOPS
    gc.disable()
    results = {}
    for name, case, operand, duration, unrolled, LOOPS in cases:
        module = import_module(name)
        made = module.Nested() if operand == "Nested" else OPERANDS[operand](spinner(duration))
        results[case] = measure(module, case, made, unrolled, rounds)
    print(json.dumps(results))


main(sys.argv[1], int(sys.argv[2]))
