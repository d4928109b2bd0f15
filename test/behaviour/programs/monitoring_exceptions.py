# requires 3.12
# orphaned not 3.12 3.13 3.14 3.15: the runtime leaves out what the interpreter tells of the probes' handlers
"""sys.monitoring: every event of an exception on its way, those of handlers included: the same, in the same order."""
import contextlib
import dis
import functools
import sys
import threading

monitoring = sys.monitoring
E = monitoring.events
FIRST, SECOND = 3, 4
NAMES = ["RAISE", "RERAISE", "EXCEPTION_HANDLED", "PY_UNWIND", "PY_THROW", "C_RAISE", "STOP_ITERATION"]
EVENTS = []
LINES = {}


def line_of(code, offset):
    """By the table of lines; an instruction without a line belongs to the last one that had one."""
    if code not in LINES:
        LINES[code] = [(start, line) for start, line in dis.findlinestarts(code) if line is not None]
    lines = [line for start, line in LINES[code] if start <= offset]
    return lines[-1] - code.co_firstlineno if lines else None


def note(tool, name, code, offset, error):
    if code.co_name in WATCHED:
        EVENTS.append((tool, name, code.co_name, line_of(code, offset), type(error).__name__))


def recorder(tool, name):
    if name == "C_RAISE":
        return lambda code, offset, callee, argument: note(tool, name, code, offset, callee)
    return lambda code, offset, error: note(tool, name, code, offset, error)


def take(tool, names=NAMES):
    events = 0
    for name in names:
        events |= getattr(E, name)
        monitoring.register_callback(tool, getattr(E, name), recorder(tool, name))
    # C_RAISE is controlled by CALL
    monitoring.set_events(tool, (events & ~E.C_RAISE) | E.CALL)


def drop(tool, names=NAMES):
    monitoring.set_events(tool, 0)
    return [monitoring.register_callback(tool, getattr(E, name), None) is not None for name in names]


# ---- what raises

def missing(data, key=None):
    return data[key]


def caught(data):
    try:
        missing(data)
    except KeyError as error:
        return str(error)


def on_one_line(data):
    try: data.nothing
    except AttributeError: data = 1
    return data


def with_finally(data):
    try:
        try:
            data + 1
        finally:
            data = "done"
    except TypeError:
        return data


def returns_in_finally(data):
    for key in "ab":
        try:
            missing(data, key)
        except KeyError:
            continue
        finally:
            data = dict(data)
    return len(data)


class Manager:
    def __init__(self, swallows):
        self.swallows = swallows

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return self.swallows


def with_statement(data):
    with Manager(True):
        with Manager(False), Manager(False):
            missing(data)
    with contextlib.suppress(ZeroDivisionError):
        1 // len(data)
    return data


def nested(depth):
    if depth == 0:
        return int("x")
    return nested(depth - 1)


def raises_again(data):
    try:
        try:
            nested(2)
        except ValueError:
            raise
    except ValueError as error:
        try:
            raise KeyError from error
        except KeyError:
            pass
    try:
        try:
            -"text"
        except TypeError:
            missing(data)
    except KeyError as error:
        return type(error.__context__).__name__


def generator(data):
    try:
        got = yield 1
        yield missing(data, got)
    except ValueError:
        yield "thrown"
    finally:
        data = None


def uses_generator(data):
    items = []
    g = generator(data)
    items.append(next(g))
    items.append(g.throw(ValueError("thrown")))
    items.extend(g)
    g = generator(data)
    next(g)
    g.close()
    g = generator(data)
    try:
        next(g)
        g.send("key")
    except KeyError:
        items.append("sent")
    try:
        next(g)
    except StopIteration:
        items.append("stopped")
    return items


def delegating(data):
    return (yield from generator(data))


def stops():
    yield next(iter(()))


def uses_delegating(data):
    g = delegating(data)
    next(g)
    try:
        g.throw(OSError("thrown"))
    except OSError:
        pass
    try:
        list(stops())
    except RuntimeError as error:
        return type(error.__cause__).__name__


def comprehension(data):
    try:
        return [missing(data, x) for x in (1, 2)]
    except KeyError:
        pass
    try:
        return {x: 1 // y for x in (1, 2) for y in (1, 0)}
    except ZeroDivisionError:
        return sum(x for x in (1, 2))


def group(data):
    log = []
    try:
        raise ExceptionGroup("two", [ValueError(1), KeyError(2), OSError(3)])
    except* ValueError:
        log.append("value")
    except* KeyError:
        log.append("key")
        try:
            missing(data)
        except* KeyError:
            log.append("nested")
    except* OSError:
        log.append("os")
    return log


def group_passes(data):
    try:
        try:
            missing(data)
        except* ValueError:
            pass
    except KeyError as error:
        return str(error)


def calls_c(data):
    for function, argument in ((int, "x"), (len, 5), (sorted, [1, "a"])):
        try:
            function(argument)
        except (ValueError, TypeError):
            pass
    try:
        "text".index("q")
    except ValueError:
        return [].append(data)


async def awaited(data):
    return missing(data)


async def coroutine(data):
    try:
        await awaited(data)
    except KeyError:
        pass
    async with AsyncManager():
        await awaited(data)
    async for x in agen(data):
        pass
    return [x async for x in agen(data)]


class AsyncManager:
    async def __aenter__(self):
        return self

    async def __aexit__(self, *error):
        return True


async def agen(data):
    try:
        yield 1
        await awaited(data)
    except KeyError:
        yield 2


def drive(data):
    try:
        coroutine(data).send(None)
    except StopIteration as stop:
        return stop.value


def loops(data):
    found = 0
    while found < 3:
        try:
            for key in data or "xy":
                if not missing(data, key) and key:
                    break
        except KeyError:
            found += 1
    return found


FUNCTIONS = [caught, on_one_line, with_finally, returns_in_finally, with_statement, raises_again, uses_generator,
             uses_delegating, comprehension, group, group_passes, calls_c, drive, loops]
WATCHED = {name for name, value in list(globals().items()) if callable(value)}
WATCHED -= {"line_of", "note", "recorder", "take", "drop"}
WATCHED |= {"<module>", "__enter__", "__exit__", "__aenter__", "__aexit__", "<listcomp>", "<dictcomp>", "<genexpr>", "trial"}


def tell(title, *results):
    print(title, *results)
    for event in EVENTS:
        print("   ", *event)
    EVENTS.clear()


def attempt(function, *arguments):
    try:
        return function(*arguments)
    except BaseException as error:
        return repr(error)


def run_all(names):
    for function in FUNCTIONS:
        take(FIRST, names)
        result = attempt(function, {})
        drop(FIRST, names)
        tell(function.__name__, names, result)


monitoring.use_tool_id(FIRST, "first")
for names in (NAMES, ["RERAISE"], ["EXCEPTION_HANDLED"], ["RAISE", "PY_UNWIND"]):
    run_all(names)


# ---- what a tool gets back

def callback(code, offset, error):
    note("a", "callback", code, offset, error)


def other(code, offset, error):
    note("b", "other", code, offset, error)


for name in ("RERAISE", "EXCEPTION_HANDLED"):
    event = getattr(E, name)
    register = monitoring.register_callback
    counts = sys.getrefcount(callback)
    print(name, register(FIRST, event, callback), sys.getrefcount(callback) - counts)
    print(register(FIRST, event, callback) is callback, sys.getrefcount(callback) - counts)
    print(register(FIRST, event, other) is callback, sys.getrefcount(callback) - counts)
    monitoring.set_events(FIRST, event)
    attempt(caught, {})
    attempt(with_finally, {})
    print(register(FIRST, event, 5) is other)
    # A callback of EXCEPTION_HANDLED that always fails would fail in the handler of whoever asks.
    result = attempt(with_finally, {}) if name == "RERAISE" else None
    monitoring.set_events(FIRST, 0)
    tell("no callable", result, register(FIRST, event, None), register(FIRST, event, None))
    for arguments in ((FIRST, event), (FIRST, "x", callback), (77, event, callback), (FIRST, event | E.RAISE, callback),
                      (FIRST, 1 << 30, callback), (FIRST, event, callback, 1), ("x", event, callback)):
        print(attempt(register, *arguments))
    print(sys.getrefcount(callback) - counts)
print(monitoring.register_callback.__name__, monitoring.register_callback.__self__ is monitoring)


# ---- tools in different forms

class Tool:
    def __init__(self, name):
        self.name = name

    def __call__(self, *arguments, **keywords):
        note(self.name, keywords, *arguments)

    def method(self, code, offset, error):
        note(self.name, "method", code, offset, error)

    def swap(self, code, offset, error):
        note(self.name, "swap", code, offset, error)
        monitoring.register_callback(FIRST, E.RERAISE, self)


def with_tool(title, name, tool):
    monitoring.register_callback(FIRST, getattr(E, name), tool)
    monitoring.set_events(FIRST, getattr(E, name))
    results = [attempt(function, {}) for function in (caught, with_finally, with_statement)]
    monitoring.set_events(FIRST, 0)
    registered = monitoring.register_callback(FIRST, getattr(E, name), None)
    tell(title, name, *results, registered == tool, type(registered).__name__)


for name in ("RERAISE", "EXCEPTION_HANDLED", "RAISE"):
    with_tool("callable", name, Tool("object"))
    with_tool("method", name, Tool("object").method)
    with_tool("partial", name, functools.partial(note, "partial", ""))
    with_tool("swap", name, Tool("object").swap)
    with_tool("disable", name, lambda *arguments: note("disable", "", *arguments) or monitoring.DISABLE)
monitoring.register_callback(FIRST, E.RERAISE, None)


# ---- callbacks that raise

def raising(code, offset, error):
    note("raising", EVENT, code, offset, error)
    if code is trial.__code__ and RAISES.pop():
        raise LookupError("from a callback")


def trial(data):
    try:
        try:
            missing(data)
        finally:
            data = 1
    except LookupError:
        data = 2
    return data


for EVENT in ("RAISE", "RERAISE", "EXCEPTION_HANDLED", "PY_UNWIND"):
    for pattern in ("1", "01", "11", "001"):
        RAISES = [False] * 50 + [bit == "1" for bit in reversed(pattern)]
        monitoring.register_callback(FIRST, getattr(E, EVENT), raising)
        monitoring.set_events(FIRST, getattr(E, EVENT))
        result = attempt(trial, {})
        monitoring.set_events(FIRST, 0)
        monitoring.register_callback(FIRST, getattr(E, EVENT), None)
        tell("raises in", EVENT, pattern, result)


# ---- two tools

monitoring.use_tool_id(SECOND, "second")
take(FIRST)
take(SECOND, ["RERAISE", "EXCEPTION_HANDLED"])
results = [attempt(function, {}) for function in (caught, with_finally, uses_generator)]
tell("two", *results)
print(drop(FIRST, ["RERAISE"]))
take(SECOND, ["RERAISE", "EXCEPTION_HANDLED"])
results = [attempt(function, {}) for function in (caught, with_finally, raises_again)]
tell("one", *results)
counts = sys.getrefcount(callback)
monitoring.register_callback(SECOND, E.RERAISE, callback)
monitoring.set_events(SECOND, 0)
monitoring.free_tool_id(SECOND)
monitoring.use_tool_id(SECOND, "again")
monitoring.set_events(SECOND, E.RERAISE)
attempt(with_finally, {})
monitoring.set_events(SECOND, 0)
kept = monitoring.register_callback(SECOND, E.RERAISE, None)
tell("freed", kept is callback, kept is None, sys.getrefcount(callback) - counts - (kept is callback))
del kept


# ---- the module: it has more constants than a byte counts, so that its probes have prefixes

take(FIRST)
try:
    missing(WATCHED, "module")
except TypeError:
    pass
try:
    try:
        WATCHED.nothing
    finally:
        result = 1
except AttributeError:
    pass
drop(FIRST)
tell("module")


# ---- threads

def worker(number, results):
    for _ in range(20):
        for function in (caught, with_finally, with_statement, uses_generator, raises_again):
            function({})
    results.append(number)


take(SECOND)
results = []
threads = [threading.Thread(target=worker, args=(number, results)) for number in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
drop(SECOND)
seen = {}
for event in EVENTS:
    seen[event] = seen.get(event, 0) + 1
EVENTS.clear()
print(sorted(results))
for event in sorted(seen, key=str):
    print("   ", seen[event], *event)
monitoring.free_tool_id(FIRST)
monitoring.free_tool_id(SECOND)
