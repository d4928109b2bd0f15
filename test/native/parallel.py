"""Counts without a GIL: threads that run at the same time, each a known number of times.

    THREADS=n ROUNDS=n python parallel.py

Prints the number of executions of each site as JSON, by the names of its operations.
"""
import asyncio
import json
import os
import sys
import threading

THREADS, ROUNDS = int(os.environ["THREADS"]), int(os.environ["ROUNDS"])

MODULE = """
def add(a, b):
    return a + b
VALUE = add(1, 2)
"""


class Thing:
    @property
    def value(self):
        return 1

    def __getattr__(self, name):
        raise AttributeError(name)

    def grow(self, by):
        return by + 1


THING = Thing()


def work(rounds):
    total = 0
    for _ in range(rounds):
        total = THING.grow(THING.value + total)
        try:
            THING.missing
        except AttributeError:
            total -= 1
    return total


async def step(queue):
    await queue.get()


async def main(rounds):
    queue = asyncio.Queue()
    for _ in range(rounds):
        queue.put_nowait(1)
        await step(queue)
    return rounds


def load(rounds):
    for i in range(rounds):
        names = {}
        exec(compile(MODULE, "<module>", "exec"), names)
        assert names["VALUE"] == 3


def body(start):
    start.wait()
    work(ROUNDS)
    asyncio.run(main(ROUNDS // 20))
    load(ROUNDS // 1000)


def run():
    start = threading.Barrier(THREADS)
    threads = [threading.Thread(target=body, args=(start,)) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


run()
ALL = THREADS * ROUNDS
AWAITS = THREADS * (ROUNDS // 20)
print(json.dumps({
    "gil": sys._is_gil_enabled(),
    "raised": ALL,
    "counts": {"grow": ALL, "value": ALL, "missing": ALL, "step": AWAITS, "get": AWAITS, "put_nowait": AWAITS},
}))
