"""Coroutines, asynchronous generators, context managers and loops, driven by hand and by asyncio."""
import asyncio
import inspect
import sys
import traceback
import types


def show(*values):
    print(sys._getframe(1).f_lineno, *values)


@types.coroutine
def pause(value):
    got = yield value
    return got


def drive(coroutine, sends=()):
    """Runs a coroutine by hand, answering each pause with the next of the sends."""
    log = []
    answers = iter(sends)
    try:
        value = coroutine.send(None)
        while True:
            log.append(value)
            answer = next(answers, None)
            value = coroutine.throw(answer) if isinstance(answer, BaseException) else coroutine.send(answer)
    except StopIteration as stop:
        return log, "returned", stop.value
    except Exception as error:
        return log, type(error).__name__, str(error)


class Manager:
    def __init__(self, log, swallow=False):
        self.log = log
        self.swallow = swallow

    async def __aenter__(self):
        self.log.append(await pause("enter"))
        return self

    async def __aexit__(self, *error):
        self.log.append((await pause("exit"), error[0]))
        return self.swallow


class Counter:
    def __init__(self, limit):
        self.limit = limit
        self.at = 0

    def __aiter__(self):
        return self

    async def __anext__(self):
        self.at += 1
        if self.at > self.limit:
            raise StopAsyncIteration
        return await pause(self.at)


async def use_manager(log, fail, swallow):
    async with Manager(log, swallow) as manager, Manager(log) as second:
        log.append(manager is not second)
        if fail:
            raise ValueError("inside")
    return "after"


async def loop(limit):
    total = []
    async for item in Counter(limit):
        if item == "skip":
            continue
        if item == "break":
            break
        total.append(item)
    else:
        total.append("else")
    return total


async def agen(limit):
    try:
        for number in range(limit):
            got = yield number
            if got:
                await pause(("got", got))
    except KeyError as error:
        yield ("caught", str(error))
    finally:
        await pause("cleanup")


async def comprehensions():
    return (
        [x async for x in agen(3)],
        {x: y async for x in agen(2) for y in "ab"},
        {await pause(x) for x in (1, 2)},
        [x async for x in agen(5) if x % 2],
    )


async def use_agen():
    generator = agen(5)
    log = [await generator.asend(None), await generator.asend("hi"), await generator.athrow(KeyError("k"))]
    try:
        await generator.__anext__()
    except StopAsyncIteration as error:
        log.append(repr(error))
    other = agen(2)
    log.append(await other.__anext__())
    await other.aclose()
    return log


class BadEnter:
    def __aenter__(self):
        return 1

    async def __aexit__(self, *error):
        pass


class BadExit:
    async def __aenter__(self):
        pass

    def __aexit__(self, *error):
        return 2


class BadIteration:
    def __aiter__(self):
        return self

    def __anext__(self):
        return 3


async def bad_enter():
    async with BadEnter():
        pass


async def bad_exit():
    async with BadExit():
        pass


async def bad_exit_after_error():
    async with BadExit():
        1 / 0


async def bad_next():
    async for _ in BadIteration():
        pass


async def bad_iter():
    async for _ in 5:
        pass


async def bad_await():
    await 5


async def states():
    await pause("suspended")


def states_of_coroutines():
    coroutine = states()
    show(inspect.getcoroutinestate(coroutine), coroutine.cr_await, coroutine.cr_running)
    coroutine.send(None)
    show(inspect.getcoroutinestate(coroutine), coroutine.cr_await.__name__, coroutine.cr_frame.f_lineno)
    coroutine.close()
    show(inspect.getcoroutinestate(coroutine))
    done = states()
    drive(done)
    try:
        done.send(None)
    except RuntimeError as error:
        show(error)


def stack_of(coroutine):
    async def outer():
        await coroutine

    task = outer()
    task.send(None)
    names = []
    at = task
    while at is not None and hasattr(at, "cr_frame"):
        names.append((at.cr_code.co_name, at.cr_frame.f_lineno))
        at = at.cr_await
    task.close()
    return names


async def with_asyncio():
    async def worker(name, delay):
        try:
            await asyncio.sleep(delay)
            return name
        except asyncio.CancelledError:
            show("cancelled", name)
            raise
        finally:
            show("finally", name)

    show(await asyncio.gather(worker("a", 0.02), worker("b", 0), return_exceptions=True))
    task = asyncio.ensure_future(worker("c", 10))
    await asyncio.sleep(0)
    task.cancel()
    show(await asyncio.gather(task, return_exceptions=True))
    try:
        await asyncio.wait_for(worker("d", 10), 0.01)
    except asyncio.TimeoutError as error:
        show(type(error).__name__)
    queue = asyncio.Queue()

    async def produce():
        for number in range(3):
            await queue.put(number)
            await asyncio.sleep(0)
        await queue.put(None)

    async def consume():
        items = []
        while True:
            item = await queue.get()
            if item is None:
                return items
            items.append(item)

    show(await asyncio.gather(produce(), consume()))
    try:
        await failing()
    except ValueError:
        show(traceback.format_exc())


async def failing():
    async with Nothing():
        async for item in numbers():
            await deeper(item)


class Nothing:
    async def __aenter__(self):
        await asyncio.sleep(0)

    async def __aexit__(self, *error):
        await asyncio.sleep(0)


async def numbers():
    yield 1
    await asyncio.sleep(0)
    yield 2


async def deeper(item):
    await asyncio.sleep(0)
    if item == 2:
        raise ValueError(
            item
        )


for fail in (False, True):
    for swallow in (False, True):
        log = []
        show(drive(use_manager(log, fail, swallow), "abcdef"), log)
log = []
show(drive(use_manager(log, False, False), ["a", OSError("thrown")]), log)
show(drive(loop(3), [1, "skip", 3]))
show(drive(loop(3), [1, "break", 3]))
show(drive(loop(2), [1, ValueError("v")]))
show(drive(comprehensions()))
show(drive(use_agen()))
for function in (bad_enter, bad_exit, bad_exit_after_error, bad_next, bad_iter, bad_await):
    show(function.__name__, drive(function()))
states_of_coroutines()
show(stack_of(states()))
asyncio.run(with_asyncio())
