# requires 3.12
"""Type parameters, type aliases, inlined comprehensions, buffer and override."""
import sys
import typing


def show(*values):
    print(sys._getframe(1).f_lineno, *values)


def generic[T, *Ts, **P](x: T, *args: *Ts) -> T:
    def inner[U: int](y: U) -> tuple[T, U]:
        return x, y
    return inner(5)


class Box[T: (int, str)]:
    items: list[T]

    def __init__(self, item: T):
        self.item = item

    def method[S](self, other: S) -> "Box[S]":
        return Box[S](other)

    type Inner = list[T]

    class Nested[U]:
        pairs: dict[T, U]


class Child[T](Box[T]):
    def method(self, other):
        return super().method(other)


type Recursive = list[Recursive] | None
type Broken = undefined_name

show(generic(1, 2, 3), generic.__type_params__, generic.__annotations__)
show(Box.__type_params__, Box.__type_params__[0].__constraints__, Box.__annotations__, Box[int](1).item, Box(1).method("x").item)
show(Child[str]("a").method(2).item, Child.__orig_bases__, Child.__parameters__, Box.Nested.__annotations__)
show(Recursive.__value__, Recursive.__type_params__, Box.Inner.__value__)
try:
    Broken.__value__
except NameError as error:
    show(error, error.__traceback__.tb_next.tb_lineno if error.__traceback__.tb_next else None)


def inlined():
    x = "outer"
    result = [x for x in range(3)], {x: x for x in "ab"}, {x for x in [x]}
    lambdas = [lambda: x for x in range(3)]
    nested = [[x, y] for x in range(2) for y in [x * 2]]
    return x, result, [f() for f in lambdas], nested, sorted(locals())


class InlinedBody:
    names = ["a", "b"]
    lengths = [len(name) for name in names]
    both = [(name, names) for name in names if True][:1] if False else None
    seen = [sorted(k for k in locals() if not k.startswith("__"))[:2] for _ in range(1)]


show(inlined(), InlinedBody.lengths)
try:
    [missing for x in range(2)]
except NameError as error:
    show(error)
try:
    (lambda: [y for x in [1] if (y := x)] and undefined)()
except NameError as error:
    show(error)
