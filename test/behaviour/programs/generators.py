"""Generators: every way in and out, and what inspection sees of them."""
import inspect
import sys


def show(*values):
    print(sys._getframe(1).f_lineno, *values)


def attempt(function, *arguments):
    try:
        return "value", function(*arguments)
    except BaseException as error:
        return type(error).__name__, str(error), getattr(error, "value", None), error.__cause__, error.__context__


def counter(limit):
    try:
        for number in range(limit):
            got = yield number * 2
            if got is not None:
                show("got", got)
            if got == "raise":
                raise ValueError(f"at {number}")
    except KeyError as error:
        show("caught", error)
        yield "from handler"
    except GeneratorExit:
        show("closed")
        raise
    finally:
        show("finally", limit)
    return f"done {limit}"


def delegate(inner, log):
    log.append("enter")
    try:
        result = yield from inner
        log.append(result)
        result = yield from [1, 2]
        log.append(result)
    except ZeroDivisionError as error:
        log.append(repr(error))
        yield "recovered"
    finally:
        log.append("leave")
    return log


class Iterator:
    """Not a generator: yield from must find send, throw and close on it."""

    def __init__(self, log):
        self.log = log

    def __iter__(self):
        self.log.append("iter")
        return self

    def __next__(self):
        self.log.append("next")
        return "item"

    def send(self, value):
        self.log.append(("send", value))
        if value == "stop":
            raise StopIteration("result")
        return value

    def throw(self, *error):
        self.log.append(("throw", getattr(error[0], "__name__", repr(error[0]))))
        return "thrown"

    def close(self):
        self.log.append("close")


def plain_use():
    show(list(counter(3)))
    generator = counter(3)
    show(inspect.getgeneratorstate(generator), generator.gi_frame.f_lineno, inspect.getgeneratorlocals(generator))
    show(next(generator), inspect.getgeneratorstate(generator), generator.gi_frame.f_lineno)
    show(generator.send("hello"), inspect.getgeneratorlocals(generator))
    show(attempt(generator.send, "raise"))
    show(inspect.getgeneratorstate(generator), generator.gi_frame)
    show(attempt(next, generator))


def throws():
    generator = counter(3)
    next(generator)
    show(attempt(generator.throw, KeyError("k")))
    show(attempt(generator.throw, IndexError("i")))
    show(attempt(counter(2).throw, IndexError("unstarted")))
    generator = counter(2)
    next(generator)
    generator.close()
    show(attempt(next, generator))
    show(attempt(counter(1).send, "too early"))


def delegation():
    log = []
    generator = delegate(counter(3), log)
    show(next(generator), generator.gi_yieldfrom is not None, generator.gi_yieldfrom.gi_code.co_name)
    show(generator.send("x"))
    show(attempt(generator.throw, ZeroDivisionError("z")))
    show(attempt(next, generator), log)
    log = []
    generator = delegate(Iterator(log), log)
    show(next(generator), generator.send("s"), generator.throw(OSError("o")), generator.gi_yieldfrom is None)
    show(generator.send("stop"), next(generator), attempt(next, generator))
    log = []
    generator = delegate(Iterator(log), log)
    next(generator)
    generator.close()
    show(log)


def ignores_exit():
    try:
        yield 1
    except GeneratorExit:
        yield 2


def stops():
    yield 1
    raise StopIteration("inside")


def reentrant():
    def body():
        yield attempt(next, me)

    me = body()
    show(next(me))


def tree(depth):
    if depth:
        yield from tree(depth - 1)
        yield depth
        yield from tree(depth - 1)


def abandoned():
    generator = counter(5)
    next(generator)
    del generator
    show("abandoned")


def expression():
    data = [3, 1, 2]
    squares = (x * x for x in data if x != 1)
    show(inspect.getgeneratorstate(squares), squares.gi_frame.f_lineno)
    data.append(4)
    show(next(squares), list(squares), inspect.getgeneratorstate(squares))
    show(attempt(lambda: sum(1 // x for x in (1, 0))))
    try:
        (x for x in None)
    except TypeError as error:
        show(error)


def lines():
    """Where a suspended generator says it is."""
    def body():
        value = yield 1
        other = (
            yield 2,
            value,
        )
        try:
            yield other
        finally:
            yield 4

    generator = body()
    for value in generator:
        show(value, generator.gi_frame.f_lineno - body.__code__.co_firstlineno)


plain_use()
throws()
delegation()
show(attempt(lambda g: (next(g), g.close()), ignores_exit()))
show(attempt(list, stops()))
reentrant()
show(list(tree(4)))
abandoned()
expression()
lines()
