"""with: order of enter and exit, swallowed exceptions, every way out of the block."""
import contextlib
import sys

LOG = []


class Manager:
    def __init__(self, name, swallow=False, fail=None):
        self.name, self.swallow, self.fail = name, swallow, fail

    def __enter__(self):
        LOG.append(f"enter {self.name} {sys._getframe(1).f_lineno}")
        if self.fail == "enter":
            raise OSError(f"enter {self.name}")
        return self.name

    def __exit__(self, kind, value, trace):
        where = trace.tb_lineno if trace else None
        LOG.append(f"exit {self.name} {kind and kind.__name__} {value} {where} {sys._getframe(1).f_lineno}")
        if self.fail == "exit":
            raise KeyError(f"exit {self.name}")
        return self.swallow


def flush(*more):
    print(*more)
    for line in LOG:
        print("   ", line)
    del LOG[:]


def run(function, *arguments):
    try:
        flush(function.__name__, arguments, "->", function(*arguments))
    except Exception as error:
        flush(function.__name__, arguments, "raised", repr(error), repr(error.__context__), error.__traceback__.tb_lineno)


def nested(way):
    with Manager("a") as a, Manager("b", swallow=True) as b:
        with Manager("c"):
            if way == "return":
                return a + b
            if way == "raise":
                raise ValueError("v")
            LOG.append("end")
    return "after"


def loops(way):
    done = []
    for number in range(3):
        with Manager(number):
            if way == "break" and number == 1:
                break
            if way == "continue" and number == 1:
                continue
            done.append(number)
    return done


def failing(where):
    with Manager("a"):
        with Manager("b", fail=where) as name:
            return name
    return "swallowed"


def replaced():
    with Manager("a"), Manager("b", fail="exit"):
        raise ValueError("first")


def stacked():
    with contextlib.ExitStack() as stack:
        for name in "xyz":
            stack.enter_context(Manager(name, swallow=name == "y"))
        stack.callback(LOG.append, "callback")
        1 / 0
    return "out"


@contextlib.contextmanager
def generator(swallow):
    LOG.append("setup")
    try:
        yield 42
    except ValueError:
        LOG.append("handled")
        if not swallow:
            raise
    finally:
        LOG.append("teardown")


def generated(fail, swallow):
    with generator(swallow) as number:
        if fail:
            raise ValueError(number)
    return number


class NoEnter:
    def __repr__(self):
        return "NoEnter"


class NoExit:
    def __enter__(self):
        LOG.append("entered")

    def __repr__(self):
        return "NoExit"


def missing(manager):
    with manager:
        LOG.append("never")


def unpacking():
    with contextlib.nullcontext((1, (2, 3))) as (first, (second, *rest)):
        return first, second, rest


def target():
    holder = {}
    with contextlib.nullcontext(5) as holder["key"]:
        holder["other"] = 6
    return holder


for way in ("return", "raise", "end"):
    run(nested, way)
for way in ("break", "continue", "end"):
    run(loops, way)
run(failing, "enter")
run(failing, "exit")
run(failing, None)
run(replaced)
run(stacked)
for fail in (False, True):
    for swallow in (False, True):
        run(generated, fail, swallow)
run(missing, NoEnter())
run(missing, NoExit())
run(unpacking)
run(target)
