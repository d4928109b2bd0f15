# requires 3.12
# release builds: an assertion of the debug build fails without probes, too
# sampled not 3.14 3.15: co_branches() has the branches of gates
# shut not 3.12 3.13 3.14 3.15: the runtime leaves out the branches of gates
"""sys.monitoring: lines, branches, jumps, calls, returns, yields, exceptions: the same, in the same order."""
import re
import sys

monitoring = sys.monitoring
E = monitoring.events
TOOL = 3
EVENTS = []


def line_of(code, offset):
    for start, end, line in code.co_lines():
        if start <= offset < end:
            return line and line - code.co_firstlineno
    return None


class Manager:
    def __enter__(self):
        return self

    def __exit__(self, *error):
        return True


def generator(n):
    for i in range(n):
        yield i


def delegating():
    return (yield from generator(2))


def function(a, *, b=1):
    total = 0
    for i in range(a):
        if i % 2 and i:
            total += i
        elif i > 5:
            break
        else:
            continue
    while total and total > 0:
        total -= 1
    with Manager():
        total = 1 // b
    try:
        total = 1 // b
    except ZeroDivisionError as error:
        total = str(error)
    finally:
        total = [total]
    total += [x for x in generator(2) if x]
    total += list(delegating())
    match total:
        case [1, *rest]:
            total = rest
        case _:
            total = None
    return total if a else -1


async def agen():
    yield 1
    yield 2


async def coroutine():
    async with AsyncManager():
        async for x in agen():
            if x:
                pass
    return [x async for x in agen()]


class AsyncManager:
    async def __aenter__(self):
        return self

    async def __aexit__(self, *error):
        return False


def drive():
    try:
        coroutine().send(None)
    except StopIteration as stop:
        return stop.value


def raising():
    try:
        function(2, c=3)
    except TypeError:
        raise KeyError("k")


NAMES = {function.__code__, generator.__code__, delegating.__code__, coroutine.__code__, agen.__code__, drive.__code__,
         raising.__code__, Manager.__enter__.__code__, Manager.__exit__.__code__}


def register(name, describe):
    event = getattr(E, name, None)
    if event is None:
        return 0

    def callback(code, *arguments):
        if code.co_filename == function.__code__.co_filename:
            EVENTS.append((name, code.co_name, *describe(code, *arguments)))

    monitoring.register_callback(TOOL, event, callback)
    return event


def offsets(code, *values):
    return tuple(line_of(code, value) for value in values)


def value(code, offset, result):
    return (line_of(code, offset), str(result)[:20].split(" at 0x")[0])


def error(code, offset, exception):
    return (line_of(code, offset), re.sub(r" at 0x\w+", "", repr(exception)))


def call(code, offset, callee, argument):
    return (line_of(code, offset), getattr(callee, "__qualname__", str(callee)))


GROUPS = {
    "lines": {"LINE": lambda code, line: (line - code.co_firstlineno,)},
    "branches": dict.fromkeys(["BRANCH", "JUMP"], offsets),
    "sides": dict.fromkeys(["BRANCH_LEFT", "BRANCH_RIGHT"], offsets),
    "frames": {"PY_START": offsets, "PY_RESUME": offsets, "PY_RETURN": value, "PY_YIELD": value},
    "calls": {"CALL": call, "C_RETURN": call, "C_RAISE": call},
    "exceptions": {"RAISE": error, "PY_UNWIND": error, "PY_THROW": error, "STOP_ITERATION": error},
}


def run(*groups):
    events = 0
    for group in groups:
        for name, describe in GROUPS[group].items():
            events |= register(name, describe)
    monitoring.set_events(TOOL, events)
    for body in (lambda: function(3), lambda: function(8, b=0), lambda: function(0), drive, raising):
        try:
            result = body()
        except Exception as problem:
            result = repr(problem)
        EVENTS.append(result)
    monitoring.set_events(TOOL, 0)
    print(groups)
    for event in EVENTS:
        print("   ", event)
    EVENTS.clear()


monitoring.use_tool_id(TOOL, "test")
for group in GROUPS:
    run(group)
run("lines", "branches", "frames", "exceptions")
run("lines", "calls")
if hasattr(function.__code__, "co_branches"):
    for checked in (function, generator, raising):
        code = checked.__code__
        print(checked.__name__, [offsets(code, *branch) for branch in code.co_branches()])
monitoring.free_tool_id(TOOL)
