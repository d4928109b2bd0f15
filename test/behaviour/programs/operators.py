"""Operators: what is called, in which order, with which operands; truth tests of all kinds."""
import sys


def show(*values):
    print(sys._getframe(1).f_lineno, *values)


class Loud:
    """Says what is done with it."""

    def __init__(self, name, truth=True):
        self.name, self.truth = name, truth

    def __repr__(self):
        return self.name

    def __bool__(self):
        print("  bool", self.name)
        if self.truth is None:
            raise ArithmeticError(f"truth of {self.name}")
        return self.truth

    def __getitem__(self, key):
        print("  getitem", self.name, key)
        return Loud(f"{self.name}[{key}]")

    def __setitem__(self, key, value):
        print("  setitem", self.name, key, value)

    def __delitem__(self, key):
        print("  delitem", self.name, key)

    def __contains__(self, item):
        print("  contains", self.name, item)
        return 1

    def __iter__(self):
        print("  iter", self.name)
        return iter("ab")

    def __len__(self):
        return 2

    def __index__(self):
        print("  index", self.name)
        return 1

    def keys(self):
        print("  keys", self.name)
        return ["k"]


def binary(symbol):
    def method(self, other):
        print("  ", self, symbol, other)
        if symbol.startswith("r"):
            return NotImplemented
        return Loud(f"({self}{symbol}{other})")
    return method


for name, symbol in dict(add="+", sub="-", mul="*", truediv="/", floordiv="//", mod="%", pow="**", lshift="<<", rshift=">>",
                         xor="^", matmul="@", iadd="+=", isub="-=", imul="*=", radd="r+", rsub="r-", lt="<", le="<=", gt=">",
                         ge=">=", eq="==", ne="!=", ior="|=", iand="&=", ipow="**=", imatmul="@=").items():
    setattr(Loud, f"__{name}__", binary(symbol))
setattr(Loud, "__and__", binary("&"))
setattr(Loud, "__or__", binary("|"))
for name, symbol in dict(neg="-", pos="+", invert="~").items():
    setattr(Loud, f"__{name}__", lambda self, symbol=symbol: Loud(f"{symbol}{self}"))
a, b, c, no, bad = Loud("a"), Loud("b"), Loud("c"), Loud("no", False), Loud("bad", None)


def attempt(function):
    try:
        show(function.__code__.co_firstlineno, function())
    except Exception as error:
        show(function.__code__.co_firstlineno, type(error).__name__, error)


for function in (
    lambda: a + b * c - a / b // c % a ** b,
    lambda: a << b >> c & a | b ^ c @ a,
    lambda: (-a, +b, ~c),
    lambda: a < b < c, lambda: a < no < c, lambda: a == b != c >= a, lambda: not a < b,
    lambda: (a is b, a is not b, a is a), lambda: (a in b, a not in b),
    lambda: a and b, lambda: no and b, lambda: a or b, lambda: no or b, lambda: not a, lambda: not no,
    lambda: a and no and c, lambda: no or no or c, lambda: (a and no) or (b and c), lambda: not (a and not no),
    lambda: b if a else c, lambda: b if no else c, lambda: b if a and no else c, lambda: b if not no else c,
    lambda: bad and a, lambda: a and bad, lambda: bad or a, lambda: not bad, lambda: 1 if bad else 2, lambda: (no or bad) and 1,
    lambda: a[1], lambda: a[1:2], lambda: a[b:c:a], lambda: a[1, 2], lambda: a[b][c], lambda: [1, 2, 3][a], lambda: "xyz"[a:],
    lambda: 1 + a, lambda: 1 - a, lambda: 1 + None, lambda: [1] + (2,), lambda: "a" * 1.5, lambda: 5 % 0, lambda: 1 << -1,
    lambda: a.nothing, lambda: 3 < "x", lambda: 3 in 4, lambda: -"x", lambda: ~1.0, lambda: 2 ** -1, lambda: 10 ** 30 // 7,
    lambda: 1.5 // 0.0, lambda: "%s %d" % (1, 2), lambda: "%d" % "x", lambda: b"a" + "b", lambda: {1} | [2], lambda: {1, 2} - {2},
    lambda: [*a, *b], lambda: {**a}, lambda: (lambda *args, **kw: (args, kw))(*a, **a), lambda: [x for x in a if a and not no],
    lambda: 1 < 2 < 3 < 4 > 3 > 2, lambda: 1 == 1.0 != 2, lambda: None is None and () is not [],
):
    attempt(function)


def statements():
    x = a
    x += b
    x -= b
    x *= b
    x @= b
    x **= b
    x |= b
    x &= b
    x[1] += c
    x[1:2] = c
    del x[b]
    x[0], y, *z = 1, 2, 3, 4
    table = {"n": 1}
    table["n"] += 5
    table["n"] -= 1
    holder = type("Holder", (), {"value": 1})()
    holder.value += 10
    holder.value **= 2
    numbers = [1, 2, 3]
    numbers[1:] += [9]
    numbers *= 2
    del numbers[::2]
    return x, y, z, table, holder.value, numbers


def branches():
    seen = []
    if a and no:
        seen.append(1)
    elif no or b:
        seen.append(2)
    if not no:
        seen.append(3)
    if a == b:
        seen.append(4)
    if a is b or a is not c:
        seen.append(5)
    if a in b and not a in c:
        seen.append(6)
    if None is None:
        seen.append(7)
    while no:
        seen.append(8)
    else:
        seen.append(9)
    while True:
        if len(seen) > 6:
            break
        seen.append(10)
    assert a, "never"
    try:
        assert no, ("message", a)
    except AssertionError as error:
        seen.append(error.args)
    x = None
    if x is None and (x := 5) is not None:
        seen.append(x)
    return seen


def in_place_failures():
    t = ([1],)
    try:
        t[0] += [2]
    except TypeError as error:
        show(error, t)
    s = "text"
    try:
        s += 5
    except TypeError as error:
        show(error, s)
    try:
        undefined += 1
    except UnboundLocalError as error:
        show(error)


show(statements())
show(branches())
in_place_failures()
