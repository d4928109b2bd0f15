"""Calls: how arguments are evaluated and bound, and how it fails."""
import functools
import sys


def show(*values):
    print(sys._getframe(1).f_lineno, *values)


def note(value):
    print("  eval", value)
    return value


def attempt(function):
    try:
        show(function.__code__.co_firstlineno, function())
    except Exception as error:
        show(function.__code__.co_firstlineno, type(error).__name__, error)


def plain(a, b=2, *args, c, d=4, **kw):
    return a, b, args, c, d, kw


def positional(a, b, /, c=3):
    return a, b, c


class Callable:
    def __call__(self, *args, **kw):
        return "called", args, kw

    def method(self, *args, **kw):
        return "method", args, kw

    @classmethod
    def klass(cls, *args):
        return cls.__name__, args

    @staticmethod
    def static(*args):
        return "static", args

    def __getattr__(self, name):
        return lambda *args: (name, args)

    @property
    def prop(self):
        return lambda *args: ("prop", args)


class Made:
    def __new__(cls, *args, **kw):
        print("  new", args, kw)
        return super().__new__(cls)

    def __init__(self, *args, **kw):
        print("  init", args, kw)
        if kw.get("fail"):
            raise ValueError("init failed")

    def __repr__(self):
        return "Made"


class BadInit:
    def __init__(self):
        return 5


class Keys:
    def keys(self):
        return ["x", "y"]

    def __getitem__(self, key):
        return key * 2


def generator():
    yield 1
    yield 2
    raise KeyError("in argument")


def default(values=[]):
    values.append(len(values))
    return values


def raising(*args):
    raise ValueError(args)


thing = Callable()
for function in (
    lambda: plain(note(1), note(2), note(3), c=note(4), e=note(5)),
    lambda: plain(*note([1, 2]), *note((3,)), c=note(4), **note({"z": 1}), d=note(5), **note({"y": 2})),
    lambda: plain(1), lambda: plain(c=1), lambda: plain(1, c=1, a=2), lambda: plain(1, c=1, **{"c": 2}), lambda: plain(*1, c=2),
    lambda: plain(1, **5), lambda: plain(1, c=1, **{1: 2}), lambda: plain(*generator(), c=1), lambda: plain(1, c=1, **Keys()),
    lambda: positional(1, 2), lambda: positional(1, b=2), lambda: positional(1, 2, 3, 4), lambda: positional(), lambda: positional(1, 2, c=9),
    lambda: thing(1, x=2), lambda: thing.method(1, *[2], x=3), lambda: thing.klass(1), lambda: thing.static(1), lambda: thing.dyn(1, 2),
    lambda: thing.prop(5), lambda: Callable.method(thing, 1), lambda: Callable().method(),
    lambda: Made(1, x=2), lambda: Made(fail=True), lambda: BadInit(), lambda: object(1), lambda: type("T", (), {})(),
    lambda: (lambda x, *y, z=1: (x, y, z))(1, 2, 3, z=4), lambda: (lambda: 1)(2), lambda: 5(1), lambda: None(), lambda: "x"(),
    lambda: len(), lambda: len(1), lambda: len([1], [2]), lambda: [].append(1, 2), lambda: "".join(5), lambda: int("z", base=40),
    lambda: print(end="\n", flesh=1), lambda: sorted([3, 1, 2], key=lambda x: -x), lambda: max([1], default=5, key=None),
    lambda: functools.partial(plain, 1, c=2)(3, d=5), lambda: list(map(plain, [1])), lambda: default(), lambda: default(), lambda: default([9]),
    lambda: note(raising(note(1), note(2))), lambda: plain(note(1), raising(2), note(3), c=4), lambda: plain(1, c=raising(1), d=note(2)),
    lambda: {}.update(a=1) or dict(a=1, **{"b": 2}), lambda: str.upper("x"), lambda: str.upper(5), lambda: dict.get({}, [1]),
    lambda: getattr(thing, "static")(1), lambda: isinstance(1, "x"), lambda: issubclass(bool, (str, int)), lambda: super(), lambda: exec("1/0"),
    lambda: plain(*[i for i in range(300)], c=1)[2][-1], lambda: plain(**{f"k{i}": i for i in range(300)}, a=0, c=0)[5]["k299"],
):
    attempt(function)


def decorator(argument):
    print("decorator", argument)

    def wrap(function):
        print("wrap", function.__name__)

        @functools.wraps(function)
        def inner(*args, **kw):
            return argument, function(*args, **kw)
        return inner
    return wrap


@decorator(1)
@decorator(2)
def decorated(x, y=note("default"), *, z=note("keyword")):
    """Doc."""
    return x, y, z


show(decorated(1, z=3), decorated.__name__, decorated.__doc__, decorated.__wrapped__.__kwdefaults__)


def closures():
    counter = 0

    def increment(by=1):
        nonlocal counter
        counter += by
        return counter

    def unset():
        return later
    functions = [increment, lambda: counter, unset]
    try:
        unset()
    except NameError as error:
        show(error)
    later = "set"
    increment(), increment(5)
    cells = [cell.cell_contents for cell in increment.__closure__]
    del later
    try:
        unset()
    except NameError as error:
        show(error)
    return functions[1](), cells


show(closures())


def star_expressions():
    a, *b = "xyz"
    *c, d = [1]
    e, (f, *g), *h = 1, (2, 3, 4), 5, 6
    (i, j), [k, *l] = "pq", range(3)
    m = [*"ab", *range(2), *{}]
    n = {*m, *()}
    o = {**{"a": 1}, "b": 2, **{"a": 3}}
    p = *a, *b
    for q, *r in [(1, 2, 3), "s"]:
        m.append((q, r))
    x = y = z = []
    x[:0], y[5:] = [1], [2]
    return a, b, c, d, e, f, g, h, i, j, k, l, m, len(n), o, p, z


show(star_expressions())
