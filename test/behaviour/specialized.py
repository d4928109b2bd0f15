"""What the interpreter specializes: prints the adaptive names of each function's own instructions after a warm-up."""
import dis
import sys


class Point:
    count = 3

    def __init__(self, x):
        self.x = x

    @property
    def prop(self):
        return self.x

    def method(self):
        return self.x


class Slots:
    __slots__ = ("a",)

    def __init__(self):
        self.a = 1


LIMIT = 10


def helper(a, b=2):
    return a


def attributes(point, slots):
    point.x = point.x
    slots.a = slots.a
    return point.prop, point.method(), Point.count, sys.maxsize


def arithmetic(a, b, c, d):
    a + b; a - b; a * b; c + d; c * d; a < b; c < d; a == b  # noqa
    return a


def strings(s, t):
    s += t
    s == t  # noqa
    return s + t


def calls(point, items):
    helper(1)
    helper(1, 3)
    len(items)
    isinstance(items, list)
    str(1)
    type(items)
    items.append(1)
    items.pop()
    point.method()
    Point(1)


def containers(items, pair, table, tuple_):
    items[0] = items[1]
    table["k"] = table["k"]
    tuple_[0]  # noqa
    a, b = pair
    x, y, z = items
    "k" in table  # noqa
    return LIMIT


def loops(items, tuple_):
    total = 0
    for n in range(3):
        total += n
    for n in items:
        total += n
    for n in tuple_:
        total += n
    for n in (k for k in items):
        total += n
    return total


def truths(items, number, text, nothing):
    if items:
        pass
    if number:
        pass
    if text:
        pass
    if nothing:
        pass
    return not items


def warm_up():
    point, slots, items = Point(1), Slots(), [1, 2, 3]
    for _ in range(3000):
        attributes(point, slots)
        arithmetic(1, 2, 1.5, 2.5)
        strings("a", "b")
        calls(point, items)
        containers(items, (1, 2), {"k": 1}, (1,))
        loops(items, (1, 2))
        truths(items, 1, "text", None)


def is_placeholder(value):
    return type(value).__module__ == "_pyrewrite" or value == []  # what gates test: no program has such a constant


def loads_placeholder(instruction):
    return instruction.opname.startswith("LOAD_CONST") and is_placeholder(instruction.argval)


def own_names(code):
    """Without the probes: a constant of theirs, its operator, and what takes the result away or jumps by it."""
    left = 0
    instructions = [one for one in dis.get_instructions(code, adaptive=True) if one.opname != "EXTENDED_ARG"]
    for instruction, following in zip(instructions, instructions[1:] + instructions[-1:]):
        if loads_placeholder(instruction):
            left = 2
        elif instruction.opname == "NOP" and loads_placeholder(following):
            pass  # tells how far the gate reaches
        elif left:
            left = 0 if "JUMP_" in instruction.opname else left - 1
        elif instruction.opname not in ("RERAISE", "NOT_TAKEN", "CACHE"):
            yield instruction.opname


warm_up()
for function in (attributes, arithmetic, strings, calls, containers, loops, truths):
    # LOAD_FAST and the like only say which plain loads stand side by side; handlers and jumps around are not run
    names = [name for name in own_names(function.__code__) if not name.startswith(("LOAD_FAST", "STORE_FAST", "LOAD_CONST", "LOAD_SMALL", "JUMP"))]
    # before 3.13 a truth test is taken apart to be timed: UNARY_NOT and the jump of the opposite condition
    names = [name for name in names if name != "UNARY_NOT" and "JUMP_" not in name]
    print(function.__name__, *names)
