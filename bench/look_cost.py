"""Times operations whose operands may be looked at, as they are or instrumented.

usage: python look_cost.py   -> JSON: nanoseconds of CPU time of each operation, minimum of several runs
"""
import json
import time

ROUNDS = 7
LOOPS = 4000
TIMES = 10  # in a loop's body


def take(*args):
    return None


def drop(n, value):
    for _ in range(n):
        take(); take(); take(); take(); take()  # noqa
        take(); take(); take(); take(); take()  # noqa


def local(n, value):
    for _ in range(n):
        a = value; a = value; a = value; a = value; a = value  # noqa
        a = value; a = value; a = value; a = value; a = value  # noqa


def cell(n, value):
    a = value

    def get():
        return a

    for _ in range(n):
        a = value; a = value; a = value; a = value; a = value  # noqa
        a = value; a = value; a = value; a = value; a = value  # noqa
    return get


def store_global(n, value):
    global held
    for _ in range(n):
        held = value; held = value; held = value; held = value; held = value  # noqa
        held = value; held = value; held = value; held = value; held = value  # noqa


class Plain:
    pass


class Slots:
    __slots__ = ("a",)


def attribute(n, value):
    o = Plain()
    for _ in range(n):
        o.a = value; o.a = value; o.a = value; o.a = value; o.a = value  # noqa
        o.a = value; o.a = value; o.a = value; o.a = value; o.a = value  # noqa


def slot(n, value):
    o = Slots()
    for _ in range(n):
        o.a = value; o.a = value; o.a = value; o.a = value; o.a = value  # noqa
        o.a = value; o.a = value; o.a = value; o.a = value; o.a = value  # noqa


def list_item(n, value):
    a = [value]
    for _ in range(n):
        a[0] = value; a[0] = value; a[0] = value; a[0] = value; a[0] = value  # noqa
        a[0] = value; a[0] = value; a[0] = value; a[0] = value; a[0] = value  # noqa


def dict_item(n, value):
    a = {"a": value}
    for _ in range(n):
        a["a"] = value; a["a"] = value; a["a"] = value; a["a"] = value; a["a"] = value  # noqa
        a["a"] = value; a["a"] = value; a["a"] = value; a["a"] = value; a["a"] = value  # noqa


def call_0(n, value, f=dict):
    for _ in range(n):
        f(); f(); f(); f(); f()  # noqa
        f(); f(); f(); f(); f()  # noqa


def call_4(n, value, f=max):
    for _ in range(n):
        f(1, 2, 3, 4); f(1, 2, 3, 4); f(1, 2, 3, 4); f(1, 2, 3, 4); f(1, 2, 3, 4)  # noqa
        f(1, 2, 3, 4); f(1, 2, 3, 4); f(1, 2, 3, 4); f(1, 2, 3, 4); f(1, 2, 3, 4)  # noqa


def measure(function):
    best = None
    for _ in range(ROUNDS):
        start = time.thread_time()
        function(LOOPS, 1.5)
        taken = time.thread_time() - start
        best = taken if best is None else min(best, taken)
    return best * 1e9 / LOOPS / TIMES


if __name__ == "__main__":
    functions = [drop, local, cell, store_global, attribute, slot, list_item, dict_item, call_0, call_4]
    print(json.dumps([measure(function) for function in functions]))
