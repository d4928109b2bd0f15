# requires 3.12
# orphaned not 3.12 3.13 3.14 3.15: the runtime leaves out what the interpreter tells of the probes' handlers
"""sys.monitoring: the line and the columns of every event of exceptions, where calls stretch over lines."""
import sys

E = sys.monitoring.events
TOOL = 3
EVENTS = []


def fails(a, b=None):
    raise ValueError(a)


def call_on_lines():
    return fails(
        1,
        "x" +
        str(2))


def keyword():
    return fails(
        1,
        b=
        len("3"))


def star(rest):
    return fails(
        *[1,
          rest])


def nested(rest):
    return fails(
        call_on_lines(
        ),
        rest)


def unpacked(pair):
    a, b = (
        pair)
    return a


def attribute(thing):
    return (thing
            .name
            .missing)


def caught():
    try:
        return fails(
            2,
            len(
                "4"))
    except ValueError as error:
        return fails(
            error,
            len(
                "55"))


def item(data):
    return data[
        len(
            "key")]


def arithmetic(a, b):
    return (a
            + 1
            + b)


def in_loop(data):
    for one in data:
        one.upper(
        ).nothing


class Thing:
    @property
    def name(self):
        return self


TRIALS = [(call_on_lines,), (keyword,), (star, 1), (nested, 1), (unpacked, (1, 2, 3)), (attribute, Thing()), (caught,),
          (item, {}), (arithmetic, 1, "b"), (in_loop, ["x"])]
WATCHED = {function.__code__ for function, *_ in TRIALS} | {fails.__code__, Thing.name.fget.__code__}
# Where a callee in Python leaves its caller, PY_UNWIND depends on how the interpreter called it since 3.13.
DIRECT = {function.__code__ for function in (fails, unpacked, attribute, item, arithmetic, in_loop)}


def place(code, offset):
    line, end, *columns = list(code.co_positions())[offset // 2]
    return (line, end, *columns)


def watch(name):
    def callback(code, offset, *arguments):
        if code not in WATCHED or (name == "PY_UNWIND" and code not in DIRECT and sys.version_info >= (3, 13)):
            return
        where = offset if name == "LINE" else place(code, offset)
        EVENTS.append((name, code.co_name, where, *(type(one).__name__ for one in arguments)))

    sys.monitoring.register_callback(TOOL, getattr(E, name), callback)
    return getattr(E, name)


def attempt(function, *arguments):
    try:
        function(*arguments)
    except Exception as error:
        return repr(error)


sys.monitoring.use_tool_id(TOOL, "positions")
chosen = 0
for each in ("RAISE", "RERAISE", "PY_UNWIND", "EXCEPTION_HANDLED", "LINE"):
    chosen |= watch(each)
for trial in TRIALS * 2:
    sys.monitoring.set_events(TOOL, chosen)
    result = attempt(*trial)
    sys.monitoring.set_events(TOOL, 0)
    print(trial[0].__name__, result)
    for event in EVENTS:
        print("   ", *event)
    EVENTS.clear()
