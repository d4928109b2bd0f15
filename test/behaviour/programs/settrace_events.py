# orphaned not 3.9: the runtime leaves out what the interpreter tells of the probes' handlers
"""sys.settrace: every event, its line, its argument, in order."""
import asyncio
import contextlib
import re
import sys

EVENTS = []


def plain(argument):
    return re.sub(r" at 0x\w+", "", str(argument))


def trace(frame, event, argument):
    code = frame.f_code
    if code.co_filename != __file__.replace(".pyc", ".py") and code.co_name not in WATCHED:
        return None
    if event == "exception":
        argument = (argument[0].__name__, str(argument[1]))
    EVENTS.append((code.co_name, frame.f_lineno - code.co_firstlineno, event, plain(argument) if event != "call" else None))
    return trace


def straight(a, b=2):
    c = a + b
    d = (
        c
        * 2
    )
    return d


def branches(a):
    if a > 1 and a < 5 or a == 10:
        x = 1
    elif not a:
        x = 2
    else:
        x = 3
    while x:
        x -= 1
        if x == 1:
            continue
        if x == -5:
            break
    else:
        x = "end"
    return x if a else None


def loops():
    total = 0
    for i in range(3):
        for j in (1, 2): total += i * j
        if i == 1:
            continue
    else:
        total += 100
    for i in []:
        pass
    return total


def exceptions():
    try:
        int("x")
    except KeyError:
        pass
    except ValueError as error:
        caught = str(error)
    else:
        caught = None
    finally:
        done = True
    try:
        try:
            raise KeyError(1)
        finally:
            done = 2
    except KeyError:
        pass
    return caught, done


def uncaught():
    value = {}
    value["missing"]


def calls_uncaught():
    try:
        uncaught()
    except KeyError:
        return "caught"


def generator(n):
    try:
        for i in range(n):
            got = yield i
    finally:
        n = 0


def uses_generator():
    items = []
    for item in generator(2):
        items.append(item)
    g = generator(5)
    next(g)
    g.close()
    g = generator(5)
    next(g)
    try:
        g.throw(ValueError("t"))
    except ValueError:
        pass
    return items


def delegating():
    result = yield from generator(2)
    return result


def uses_delegating():
    return list(delegating())


class Manager:
    def __enter__(self):
        return self

    def __exit__(self, *error):
        return True


def with_statement():
    with Manager() as m:
        a = 1
    with Manager():
        raise ValueError
    with Manager(), Manager():
        return (
            a
        )


@contextlib.contextmanager
def manager():
    yield 1


def with_generator():
    with manager() as m:
        m += 1
    return m


def comprehensions(data):
    a = [x * 2 for x in data if x]
    b = {x: x for x in data}
    c = {
        x
        for x in data
    }
    return a, b, sorted(c), sum(x for x in data)


def multiline(f):
    return f(
        1,
        f(
            2,
            3),
    ) + \
        f(4,
          5)


def class_body():
    class Inner(
        Manager
    ):
        x = 1

        def method(self):
            return self.x

        y = method
    return Inner().method()


def assertions(flag):
    assert flag, "message"
    return [
        1,
        2 if flag else 3,
    ]


def nested_finally():
    for i in range(2):
        try:
            if i:
                return i
            continue
        finally:
            i += 1


def recursion(n):
    return n and recursion(n - 1)


def closures():
    x = 1

    def inner():
        nonlocal x
        x += 1
        return lambda: x
    return inner()()


def deletes():
    a = [1, 2, 3]
    del a[0]
    b = a
    del b
    return a


def unpacking():
    a, (b, *c), d = 1, (2, 3, 4), 5
    [e, f] = a, b
    return a, b, c, d, e, f


def one_line(): x = 1; y = 2; return x + y


def strings(a):
    s = ""
    for part in a:
        s += part
    return f"{s!r:>10}" + f"""
{s}
"""


def truth(a, b):
    return (a and
            b) or (not a
                   and not b)


def exits():
    raise SystemExit(1)


async def coroutine(n):
    async with AsyncManager() as m:
        async for i in agen(n):
            await asyncio.sleep(0)
    return [x async for x in agen(2)]


class AsyncManager:
    async def __aenter__(self):
        return self

    async def __aexit__(self, *error):
        return False


async def agen(n):
    for i in range(n):
        yield i


def run_coroutine():
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(coroutine(2))
    finally:
        loop.close()


WATCHED = {name for name, value in list(globals().items()) if callable(value)}


def run(function, *arguments):
    EVENTS.clear()
    sys.settrace(trace)
    try:
        result = function(*arguments)
    except BaseException as error:
        result = repr(error)
    sys.settrace(None)
    print(function.__name__, result)
    for event in EVENTS:
        print("   ", *event)


run(straight, 1)
for value in (3, 0, 7, 10):
    run(branches, value)
run(loops)
run(exceptions)
run(uncaught)
run(calls_uncaught)
run(uses_generator)
run(uses_delegating)
run(with_statement)
run(with_generator)
run(comprehensions, [0, 1, 2])
run(multiline, lambda *a: sum(a))
run(class_body)
run(assertions, True)
run(assertions, False)
run(nested_finally)
run(recursion, 2)
run(closures)
run(deletes)
run(unpacking)
run(one_line)
run(strings, "abc")
run(truth, 1, 2)
run(truth, 0, 2)
run(exits)
run(run_coroutine)
