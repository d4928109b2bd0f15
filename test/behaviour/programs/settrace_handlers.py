# orphaned not 3.9: the runtime leaves out what the interpreter tells of the probes' handlers
"""sys.settrace: where exceptions go, with other handlers on the same line, or none."""
import sys

EVENTS = []
WITH_OPCODES = False


def trace(frame, event, argument):
    if frame.f_code.co_filename != __file__.replace(".pyc", ".py"):
        return None
    frame.f_trace_opcodes = WITH_OPCODES
    if event != "opcode":
        EVENTS.append((frame.f_code.co_name, frame.f_lineno - frame.f_code.co_firstlineno, event))
    return trace


class Swallow:
    def __enter__(self):
        return self

    def __exit__(self, *error):
        return True


def one_line(): 1 / 0


def name_begins_line():
    with Swallow():
        undefined
    return 1


def name_in_line():
    with Swallow(): undefined
    with Swallow(): x = 1; undefined
    return 1


def two_handlers():
    with Swallow():
        with Swallow():
            undefined
    with Swallow():
        try:
            undefined
        finally:
            undefined


def raised_again():
    try:
        try:
            1 / 0
        except ZeroDivisionError as error:
            raise
    except ZeroDivisionError:
        pass


def raised_again_without_name():
    try:
        try:
            1 / 0
        except ZeroDivisionError:
            raise
    except ZeroDivisionError: pass


def nothing_to_raise():
    try:
        with Swallow():
            raise
    except RuntimeError: pass


def in_finally():
    try:
        pass
        undefined
    finally:
        for x in ():
            pass


def leaves_finally():
    try: undefined
    except: pass
    try: undefined
    finally: return


def in_except_clause():
    try:
        1 / 0
    except (
            undefined):
        pass


def in_except_body():
    try:
        1 / 0
    except ZeroDivisionError as error: undefined


def behind_loop(items=()):
    with Swallow():
        for x in items: pass
        undefined
    with Swallow():
        for x in items:
            undefined
        undefined


def in_loops(n=2):
    with Swallow():
        for x in undefined: pass
    with Swallow():
        while True:
            undefined
    with Swallow():
        while True: undefined
    with Swallow():
        while n: n -= 1; n or undefined
    for i in range(2):
        with Swallow(): undefined
    for i in range(2):
        with Swallow():
            undefined
            undefined


def other_instructions(data={}):
    with Swallow():
        del undefined
    with Swallow():
        data["missing"]
    with Swallow():
        del data["missing"]
    with Swallow():
        data.missing = 1
    with Swallow():
        assert data
    with Swallow():
        import no_such_module
    with Swallow():
        a, b = ()


def multiline():
    with Swallow():
        x = [
            1,
            undefined,
            2]
    with Swallow():
        x = [
            1,
            undefined
        ]
    x = [
        1,
        undefined
    ]


def comprehension():
    with Swallow():
        [i for i in range(3) if i.missing]
    return [i.missing
            for i in range(3)]


def generator():
    yield 1
    with Swallow():
        yield 2
    with Swallow(): (yield)
    with Swallow():
        (yield)
        (yield)


def uses_generator():
    for x in generator():
        with Swallow():
            undefined
    items = generator()
    next(items)
    next(items)
    items.throw(ValueError)
    items.throw(ValueError)
    items.throw(ValueError)


def outer():
    def inner():
        def innermost():
            undefined
        with Swallow():
            innermost()
        innermost()
    try:
        inner()
    except NameError:
        inner()


async def numbers(n):
    for i in range(n):
        yield i


def first_line_loops():
    async def loop():
        async for i in numbers(1):
            if i == 7:
                return i
        return 5

    try:
        loop().send(None)
    except StopIteration as error:
        return error.value


class Class:
    def __getattr__(self, name):
        raise AttributeError(name)


def through_callee():
    with Swallow():
        Class().missing
    with Swallow():
        getattr(Class(), "missing")
    return hasattr(Class(), "missing"), Class().missing


def run(function):
    EVENTS.clear()
    sys.settrace(trace)
    try:
        result = function()
    except BaseException as error:
        result = repr(error)
        lines = []
        step = error.__traceback__
        while step:
            lines.append(step.tb_lineno)
            step = step.tb_next
        result += repr(lines)
    sys.settrace(None)
    print(function.__name__, result)
    for event in EVENTS:
        print("   ", *event)


FUNCTIONS = (
    one_line, name_begins_line, name_in_line, two_handlers, raised_again, raised_again_without_name, nothing_to_raise,
    in_finally, leaves_finally, in_except_clause, in_except_body, behind_loop, in_loops, other_instructions, multiline,
    comprehension, uses_generator, first_line_loops, outer, through_callee,
)
for function in FUNCTIONS:
    run(function)
# There are more of these with probes, but the lines are the same.
WITH_OPCODES = True
for function in FUNCTIONS:
    run(function)
