"""Awaits whose suspensions are known: instrumented, it prints for each line with an await [count, suspended, times]."""
import asyncio
import json
import sys
import threading
import types

TRUTH = {}


def tell(times, above=0):
    """On the line of an await, or so many lines below: it is suspended so often until it ends."""
    line = sys._getframe(1).f_lineno - above
    row = TRUTH.setdefault(line, [0, 0, 0])
    row[0] += 1
    row[1] += times > 0
    row[2] += times


class Pause:
    def __init__(self, times):
        self.times = times

    def __await__(self):
        for i in range(self.times):
            yield i
        return self.times


@types.coroutine
def bare(times):
    for i in range(times):
        yield i
    return times


async def direct(times):
    tell(times); assert await Pause(times) == times
    tell(times); return await bare(times)


async def nested(depth, times):
    if depth == 0:
        return await direct(times)
    tell(2 * times); return await nested(depth - 1, times)


class Items:
    def __init__(self, n):
        self.n = n

    def __aiter__(self):
        return self

    async def __anext__(self):
        if self.n == 0:
            raise StopAsyncIteration
        self.n -= 1
        tell(2); await Pause(2)
        return self.n

    async def __aenter__(self):
        tell(1); await Pause(1)
        return self

    async def __aexit__(self, *error):
        tell(3); await Pause(3)
        return True


async def loops(n):
    items = []
    async for item in Items(n): tell(2), items.append(item)
    tell(0, 1)
    async with Items(0): pass
    async with Items(0): raise ValueError
    return items


async def produce(n):
    for i in range(n):
        tell(i); await Pause(i)
        yield i


async def consume(n):
    return sum([i async for i in produce(n)])


def delegated(n):
    for i in range(n):
        sent = yield i
        assert sent is None
    return n


def delegates(n):
    tell(n); result = yield from delegated(n)
    tell(n); result = yield from range(n)
    tell(n); return (yield from delegated(n))


def drive(coroutine):
    times = 0
    while True:
        try:
            coroutine.send(None)
        except StopIteration as end:
            return end.value, times
        times += 1


async def thrown_into():
    try:
        tell(1); await Pause(5)
    except KeyError:
        pass
    tell(2); await Pause(2)
    return "caught"


class Stubborn:
    """What is thrown into it does not end it."""

    def __await__(self):
        for _ in range(3):
            try:
                yield
            except KeyError:
                yield
        return "went on"


async def stubborn():
    tell(3); return await Stubborn()


async def outer_of(inner):
    tell(3); return await inner


def throws():
    coroutine = thrown_into()
    coroutine.send(None)
    coroutine.throw(KeyError())
    assert drive(coroutine)[0] == "caught"
    coroutine = outer_of(stubborn())
    for i in range(3):
        coroutine.send(None)
        coroutine.throw(KeyError())
    assert drive(coroutine) == ("went on", 0)


class Returning:
    """Ended by what is thrown into it, with a value."""

    def __await__(self):
        try:
            yield
        except KeyError:
            return "value"


async def returning():
    tell(1); return await Returning()


def returns():
    coroutine = returning()
    coroutine.send(None)
    try:
        coroutine.throw(KeyError())
    except StopIteration as end:
        assert end.value == "value"


async def raising(times):
    await bare(times)
    raise ValueError


async def catches(times):
    try:
        tell(times); await raising(times)
    except ValueError:
        pass


async def sleeper(n):
    for _ in range(n):
        tell(1); await asyncio.sleep(0)
    tell(1); await asyncio.sleep(0.02)


async def cancelled():
    try:
        tell(1); await asyncio.sleep(10)
    except asyncio.CancelledError:
        pass


async def main():
    loop = asyncio.get_running_loop()
    tasks = [loop.create_task(sleeper(3)) for _ in range(20)]
    tell(1); await asyncio.gather(*tasks)
    tell(0); await direct(0)
    task = loop.create_task(cancelled())
    tell(1); await asyncio.sleep(0)
    task.cancel()
    tell(1); await task
async def closed():
    tell(1); await Pause(3)


def work():
    for times in range(4):
        drive(direct(times))
        drive(nested(5, times))
        drive(consume(times))
        drive(catches(times))
        list(delegates(times))
    drive(loops(3))
    throws()
    returns()


if __name__ == "__main__":
    work()
    asyncio.run(main())
    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
        thread.join()
    abandoned = closed()
    abandoned.send(None)
    abandoned.close()
    print(json.dumps(TRUTH))
