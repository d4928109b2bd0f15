"""Uncaught errors of children: their tracebacks and statuses, in threads, in __del__, in generators, in callbacks."""
import os
import sys
import threading
import weakref


def chain():
    try:
        try:
            {}["key"]
        except KeyError as error:
            raise ValueError("value") from error
    except ValueError:
        raise OSError(5, "os")


def recursion():
    recursion()


def recursion_deep():
    class Loop:
        def __getattr__(self, name):
            return getattr(self, name + "x")
    sys.setrecursionlimit(80)
    Loop().a


def in_del():
    class Bad:
        def __del__(self):
            raise ValueError("in del")
    Bad()
    bad = Bad()
    del bad


def in_callback():
    class Thing:
        pass
    thing = Thing()
    reference = weakref.ref(thing, lambda ref: 1 / 0)
    del thing


def in_generator():
    def generator():
        try:
            yield
        finally:
            raise KeyError("in finally")
    g = generator()
    next(g)
    del g


def in_thread():
    thread = threading.Thread(target=lambda: [][0], name="worker")
    thread.start()
    thread.join()


def exits_with(value):
    def exits():
        raise SystemExit(value)
    return exits


def assertion():
    numbers = [1, 2]
    assert len(
        numbers
    ) == 3, f"{numbers}"


def syntax():
    exec("a b")


def multi():
    value = (
        1 +
        undefined.attribute(
            2
        )
    )


def hook():
    def excepthook(kind, value, trace):
        print("hook", kind.__name__, value, trace.tb_lineno, file=sys.stderr)
    sys.excepthook = excepthook
    raise ValueError("for the hook")


def attribute_suggestion():
    import collections
    class Thing:
        colour = 1
    Thing().color


def name_suggestion():
    colour = 1
    return coluor


def odd_class():
    class Error(Exception):
        def __str__(self):
            raise TypeError("no text")
    raise Error


def nested_function():
    def inner():
        def innermost():
            raise LookupError("innermost")
        return [innermost() for _ in "x"]
    return (lambda: inner())()


for function in (chain, recursion, recursion_deep, in_del, in_callback, in_generator, in_thread, exits_with(None), exits_with(3),
                 exits_with("text"), exits_with(300), assertion, syntax, multi, hook, attribute_suggestion, name_suggestion,
                 odd_class, nested_function):
    print("==", function.__name__, flush=True)
    print("==", function.__name__, file=sys.stderr, flush=True)
    child = os.fork()
    if child == 0:
        function()
        sys.stderr.flush()
        sys.exit(0)
    _, status = os.waitpid(child, 0)
    print(status, flush=True)
