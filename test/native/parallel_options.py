"""What operations ran on, what they called and in which contexts, without a GIL: threads that run at the same time.

    THREADS=n ROUNDS=n python parallel_options.py

ROUNDS is a multiple of 60, THREADS even. Prints as JSON, by function, how often each type and callee was there, and each
chain of operations.
"""
import asyncio
import json
import os
import sys
import threading

THREADS, ROUNDS = int(os.environ["THREADS"]), int(os.environ["ROUNDS"])


class Plain:
    value = 1

    def __add__(self, other):
        return 1

    def method(self, of):
        return 1


class Instance:
    def __init__(self):
        self.value = 1


class Property:
    @property
    def value(self):
        return 1


class Hook:
    def __getattr__(self, name):
        return 1


def leaf(*args):
    return 1


VALUES = (1, 1.5, "x", Plain(), b"y")
THINGS = (Plain(), Instance(), Property(), Hook())
CALLEES = (leaf, len, Plain().method, "".join, dict)


def mix(rounds):
    for i in range(rounds):
        value = VALUES[i % 5]
        value + value


def read(rounds):
    for i in range(rounds):
        thing = THINGS[i % 4]
        thing.value


def call(rounds):
    for i in range(rounds):
        callee = CALLEES[i % 5]
        callee(())


def apply(function):
    function()


def new_types(rounds):
    """Types and functions that come and go, and have the addresses of others."""
    for i in range(rounds // 60):
        fresh = type("Fresh%d" % (i % 4), (), {"__slots__": ()})()
        fresh == 1
        names = {}
        exec("def made%d(): pass" % (i % 4), names)
        apply(names["made%d" % (i % 4)])


def release(rounds):
    for _ in range(rounds):
        plain = Plain()


def take_over(things):
    """They are other threads', which free them later."""
    while things:
        thing = things.pop()


def make_cell():
    value = None

    def store(rounds):
        nonlocal value
        for _ in range(rounds):
            value = Plain()

    return store


store_in_cell = make_cell()
shared = None


def store_globally(rounds):
    global shared
    for _ in range(rounds):
        shared = Plain()


class Slots:
    __slots__ = ("value",)

    def __init__(self):
        self.value = None


entries, places = {}, [None] * THREADS


def replace(rounds):
    own, slots, items = Instance(), Slots(), []
    for _ in range(rounds):
        own.value = Plain()
        slots.value = Plain()
        items[:] = [Plain()]


def replace_entry(rounds, number):
    """Others change the same dict, at other keys."""
    for _ in range(rounds):
        entries[number] = Plain()


def replace_place(rounds, number):
    for _ in range(rounds):
        places[number] = Plain()


def descend(depth):
    leaf()
    if depth:
        descend(depth - 1)


class Suspend:
    def __await__(self):
        yield


async def inner():
    leaf()
    await Suspend()
    leaf()


async def outer():
    await inner()


def start_coroutine():
    coroutine = outer()
    coroutine.send(None)
    return coroutine


def finish(coroutine):
    try:
        coroutine.send(None)
    except StopIteration:
        pass


async def work():
    await asyncio.sleep(0)
    leaf()


async def tasks(count):
    for _ in range(count):
        await asyncio.gather(work(), work())


MOVED = ROUNDS // 60
coroutines = [None] * THREADS
made = [None] * THREADS
barrier = threading.Barrier(THREADS)


def body(number):
    barrier.wait()
    mix(ROUNDS)
    read(ROUNDS)
    call(ROUNDS)
    new_types(ROUNDS)
    for _ in range(ROUNDS // 60):
        descend(3)
    release(ROUNDS)
    store_in_cell(ROUNDS)
    store_globally(ROUNDS)
    replace(ROUNDS)
    replace_entry(ROUNDS, number)
    replace_place(ROUNDS, number)
    made[number] = [Plain() for _ in range(MOVED)]
    coroutines[number] = [start_coroutine() for _ in range(MOVED)]
    barrier.wait()
    for coroutine in coroutines[(number + 1) % THREADS]:
        finish(coroutine)
    take_over(made[(number + 1) % THREADS])
    barrier.wait()
    asyncio.run(tasks(ROUNDS // 600))


def run():
    threads = [
        threading.Thread(target=body, args=(number,), name=("even", "odd")[number % 2]) for number in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


run()
ALL = THREADS * ROUNDS
FIFTH, QUARTER, SOME = ALL // 5, ALL // 4, ALL // 60
GATHERED = 2 * THREADS * (ROUNDS // 600)
FRESH = {"Fresh%d" % k: THREADS * len(range(k, ROUNDS // 60, 4)) for k in range(4)}
chains = {}
for root in ("even", "odd"):
    half = SOME // 2
    chains.update({
        root + " > body.mix() > mix.+": ALL // 2,
        root + " > body.read() > read.value": ALL // 2,
        root + " > body.descend()": half,
        root + " > body.descend() > descend.leaf()": half,
        root + " > body.descend() > descend.descend()": 3 * half,
        root + " > body.descend() > descend.descend() > descend.leaf()": 3 * half,
        root + " > body.start_coroutine() > start_coroutine.send() > outer.await": half,
        root + " > body.start_coroutine() > start_coroutine.send() > outer.await > inner.leaf()": 2 * half,
    })
chains["task work > work.leaf()"] = GATHERED
print(json.dumps({
    "gil": sys._is_gil_enabled(),
    "variants": {
        "mix + BINARY_OP": {"int, int": FIFTH, "float, float": FIFTH, "str, str": FIFTH, "__main__.Plain, __main__.Plain": FIFTH,
                  "bytes, bytes": FIFTH},
        "read value LOAD_ATTR": {"class of __main__.Plain": QUARTER, "instance of __main__.Instance": QUARTER,
                       "property of __main__.Property": QUARTER, "__getattr__ of __main__.Hook": QUARTER},
        "call callee CALL": {"python function __main__.leaf": FIFTH, "C function len": FIFTH,
                          "python function __main__.Plain.method": FIFTH, "C method str.join": FIFTH,
                          "new object dict": FIFTH},
        "apply function CALL": {"python function made%d" % k: FRESH["Fresh%d" % k] for k in range(4)},
        "release plain STORE_FAST": {"freed __main__.Plain": ALL - THREADS, "unset": THREADS},
        "take_over thing STORE_FAST": {"kept": SOME - THREADS, "unset": THREADS},
        "new_types == COMPARE_OP": {"__main__.%s, int" % name: count for name, count in FRESH.items()},
    },
    "replaced": ["replace value STORE_ATTR", "replace_entry  STORE_SUBSCR", "replace_place  STORE_SUBSCR", "replace  STORE_SLICE"],
    "stores": ALL,
    "threads": THREADS,
    "chains": chains,
}))
