# requires 3.10
"""match: all kinds of patterns, with values that watch what is asked of them."""
import collections
import dataclasses
import enum
import sys


class Watched:
    """Says when it is compared."""

    def __init__(self, value):
        self.value = value

    def __eq__(self, other):
        print("  ==", self.value, other)
        return self.value == other

    __hash__ = None


class Point:
    __match_args__ = ("x", "y")

    def __init__(self, x, y):
        self.x, self.y = x, y


@dataclasses.dataclass
class Line:
    start: Point
    end: Point


class Lazy(collections.UserDict):
    def get(self, key, default=None):
        print("  get", key)
        return super().get(key, default)


class Sequence(collections.abc.Sequence):
    def __len__(self):
        print("  len")
        return 3

    def __getitem__(self, index):
        print("  item", index)
        return (10, 20, 30)[index]


class Colour(enum.Enum):
    RED = 1
    GREEN = 2


class BadArgs:
    __match_args__ = ["x"]


class Repeated:
    __match_args__ = ("x", "x")
    x = 1


def classify(value):
    match value:
        case Watched(value=5):
            return "watched five"
        case 0 | 1 as small:
            return f"small {small}"
        case -1.5 | "text" | b"bytes" | None | True:
            return "literal"
        case Colour.RED:
            return "red"
        case []:
            return "empty"
        case [single]:
            return f"single {single}"
        case [first, (second, third), *rest] if first != 9:
            return f"nested {first} {second} {third} {rest}"
        case [first, *_, last]:
            return f"from {first} to {last}"
        case {"kind": "a", "data": [x, y]}:
            return f"a {x} {y}"
        case {"kind": kind, **rest}:
            return f"kind {kind} {sorted(rest)}"
        case Line(Point(0, 0), end=Point(x=ex, y=ey)):
            return f"from origin to {ex},{ey}"
        case Point(x, y) if x == y:
            return f"diagonal {x}"
        case Point(x=0) | Point(y=0):
            return "axis"
        case int(number) | float(number):
            return f"number {number}"
        case str() as text if text.isupper():
            return f"upper {text}"
        case _:
            return f"other {type(value).__name__}"


def raises(value, pattern):
    match value:
        case BadArgs(1) if pattern == 1:
            return 1
        case Repeated(1, 1) if pattern == 2:
            return 2
        case Point(1, 2, 3):
            return 3
        case int(1, 2):
            return 4
    return 5


def guarded(value):
    match value:
        case x if print("  guard 1", x):
            return 1
        case x if x > 2:
            return 2
    return x


def irrefutable(value):
    match value:
        case whole:
            return whole


def scope():
    match (1, 2):
        case (a, b) if a > b:
            pass
        case (c, d):
            pass
    return sorted(locals().items())


values = [Watched(5), Watched(6), 0, 1, True, -1.5, "text", b"bytes", None, Colour.RED, Colour.GREEN, [], (1,), [1, (2, 3), 4],
          [9, (2, 3), 4], [1, 2, 3], {"kind": "a", "data": (1, 2)}, {"kind": "a"}, {"kind": "b", "z": 1}, {},
          Line(Point(0, 0), Point(3, 4)), Line(Point(1, 0), Point(3, 4)), Point(2, 2), Point(0, 5), Point(5, 0), 7, 7.5,
          "UPPER", "lower", object(), Lazy(kind="c"), Sequence(), range(3), collections.deque([1])]
for value in values:
    print(classify(value))
for value, pattern in ((BadArgs(), 1), (Repeated(), 2), (Point(1, 2), 3), (1, 4), ("x", 5)):
    try:
        print(raises(value, pattern))
    except TypeError as error:
        print(type(error).__name__, error, error.__traceback__.tb_next.tb_lineno)
print(guarded(3), guarded(1), irrefutable(4), scope())

lines = []


def trace(frame, event, argument):
    lines.append((event, frame.f_lineno - frame.f_code.co_firstlineno))
    return trace


for value in ([1, (2, 3), 4], {"kind": "b"}, Point(0, 5), "UPPER"):
    sys.settrace(trace)
    classify(value)
    sys.settrace(None)
    print(lines)
    lines.clear()
