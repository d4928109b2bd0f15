"""Generators, closures, context managers, classes, exceptions: what real programs are made of."""
import contextlib
import copy
import dataclasses
import enum
import functools
import gc
import inspect
import itertools
import operator
import pickle
import sys
import traceback
import types
import weakref


@dataclasses.dataclass(order=True)
class Point:
    x: int
    y: int = 0
    tags: list = dataclasses.field(default_factory=list, compare=False)


class Color(enum.Enum):
    RED = 1
    BLUE = enum.auto()

    @property
    def nice(self):
        return self is Color.BLUE


class Meta(type):
    def __call__(cls, *args):
        made = super().__call__(*args)
        made.made = True
        return made

    def __contains__(cls, item):
        return item == cls.__name__


class Base(metaclass=Meta):
    registry = []

    def __init_subclass__(cls, **options):
        super().__init_subclass__()
        Base.registry.append((cls.__name__, options))

    def __set_name__(self, owner, name):
        print("named", name)

    def __getitem__(self, key):
        if isinstance(key, slice):
            return [self[k] for k in range(*key.indices(5))]
        if key > 3:
            raise IndexError(key)
        return key ** 2


class Derived(Base, flag=True):
    item = Base()

    def __enter__(self):
        return self

    def __exit__(self, *details):
        return details[0] is KeyError

    def __getattr__(self, name):
        return functools.partial(operator.add, name)


def averages():
    total = count = 0
    average = None
    while True:
        try:
            total += yield average
        except ZeroDivisionError:
            total = count = 0
            continue
        count += 1
        average = total / count


def delegates():
    result = yield from averages()
    return result


def cleanup(log):
    try:
        try:
            yield 1
            yield 2
        finally:
            log.append("inner")
    except GeneratorExit:
        log.append("exit")
        raise
    finally:
        log.append("outer")


def loops():
    out = []
    for a in range(4):
        for b in itertools.count(a):
            if b > 5:
                break
            if b % 2:
                continue
            out.append((a, b))
        else:
            out.append("never")
        try:
            if a == 1:
                continue
            if a == 3:
                return out
        finally:
            out.append("finally %d" % a)
    return None


def exceptions():
    try:
        try:
            {}["k"]
        except KeyError as error:
            try:
                raise ValueError("while handling") from None
            finally:
                print(repr(error), sys.exc_info()[0])
    except ValueError:
        traceback.print_exc(file=sys.stdout)
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.suppress(OSError))
        stack.callback(print, "unwound")
        raise OSError(5, "gone")


points = [Point(3, 1), Point(1, 2, ["a"]), Point(1)]
print(sorted(points), max(points), copy.deepcopy(points[1]), dataclasses.asdict(points[1]))
print(list(Color), Color.BLUE.nice, Color["RED"].nice, "Derived" in Derived, Base.registry)
derived = Derived()
print(derived.made, derived[1:4], list(derived), derived.hello(" x"), 3 in derived)
with derived as it:
    raise KeyError
running = delegates()
print(next(running), running.send(4), running.send(8), running.throw(ZeroDivisionError), running.send(1))
print(inspect.getgeneratorstate(running), running.close(), inspect.getgeneratorstate(running))
log = []
for value in cleanup(log):
    break
gc.collect()
print(value, log, loops())
exceptions()
scope = {}
exec(compile("def made(n, *, k=2):\n    return [n * k for n in range(n)]", "<made>", "exec"), scope)
print(scope["made"](4), inspect.signature(scope["made"]), eval("x + 1", {"x": 2}))
print(pickle.loads(pickle.dumps(points)) == points, inspect.signature(Point), inspect.getsource(loops).count("\n"))
dies = Point(9)
reference = weakref.ref(dies, lambda r: print("died"))
del dies
print(reference(), functools.reduce(lambda a, b: a * b, range(1, 20)), *map("{0!r:>5}".format, "ab"), f"{3.14159:.{2}f}")
first, *middle, last = range(6)
text = ""
for n in range(50):
    text += str(n)
text = text[::7] + "%s" % (text[-3:],)
numbers = [n for n in range(30)]
numbers[2:20:3] = [0] * 6
del numbers[::2]
print(first, middle, last, text, numbers, {**{"a": 1}, "b": 2}, {n: {n} for n in range(3)}, not text, -first, ~last, last << 70)
print(functools.lru_cache(maxsize=None)(lambda n: n)(3), types.SimpleNamespace(a=1), (lambda *a, **k: (a, k))(*"ab", **{"c": 1}))
module = types.ModuleType("late")
exec("global g\ng = 1\ndef f():\n    global g\n    g += 1\n    return g", module.__dict__)
print(module.f(), module.f(), sorted(vars(module))[-2:])
