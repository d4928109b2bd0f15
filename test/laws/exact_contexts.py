"""Chains of operations that are known: tests/laws/exact-contexts.test.ts says how often each is executed."""
import asyncio
import os
import threading


class Thing:
    def __init__(self):
        self.value = 1

    @property
    def double(self):
        return self.value * 2

    def fail(self):
        raise KeyError(self.value)


def leaf(thing):
    return thing.value


def twice(thing):
    leaf(thing)
    return leaf(thing)


def down(thing, n):
    return thing.value if n == 0 else up(thing, n - 1)


def up(thing, n):
    return down(thing, n)


def numbers(thing):
    for _ in range(3):
        yield thing.value


def swallow(thing):
    try:
        thing.fail()
    except KeyError:
        return thing.double


async def step(thing):
    await asyncio.sleep(0)
    return thing.value


async def walk(thing, n):
    for _ in range(n):
        await step(thing)
    return list(numbers(thing))


async def two_tasks(thing):
    await asyncio.wait([asyncio.ensure_future(walk(thing, 2)), named(walk(thing, 3))])
    await walk(thing, 4)


def named(coroutine):
    task = asyncio.ensure_future(coroutine)
    if hasattr(task, "set_name"):
        task.set_name("reader")
    return task


def by_hand(thing):
    coroutine = step(thing)
    coroutine.send(None)
    try:
        coroutine.send(None)
    except StopIteration:
        pass


def in_thread(thing):
    for _ in range(5):
        twice(thing)


def in_child(thing):
    pid = os.fork()
    if pid == 0:
        for _ in range(7):
            twice(thing)
        os._exit(0)
    os.waitpid(pid, 0)


def main():
    thing = Thing()
    for _ in range(10):
        twice(thing)
    down(thing, 9)
    sum(numbers(thing))
    for _ in range(6):
        swallow(thing)
    threads = [threading.Thread(target=in_thread, args=(thing,), name="worker") for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    by_hand(thing)
    in_child(thing)
    asyncio.run(two_tasks(thing))


main()
