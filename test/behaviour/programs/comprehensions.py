"""Comprehensions: scopes, nesting, closures, failures, what the frame shows."""
import sys
import traceback


class Steps:
    """An iterable that says what is done to it."""

    def __init__(self, name, items):
        self.name, self.items = name, items

    def __iter__(self):
        print("iter", self.name, sys._getframe(1).f_code.co_name)
        for item in self.items:
            print("item", self.name, item)
            yield item
        print("end", self.name)


def scopes():
    x = "outer"
    squares = [x * x for x in range(4)]
    table = {x: y for x, y in zip("ab", range(2))}
    unique = {x % 2 for x in range(5)}
    return x, squares, table, sorted(unique), sorted(locals())


def nested():
    return [[a * b for b in Steps("b", [3, 4])] for a in Steps("a", [1, 2])]


def crossed():
    return [(a, b) for a in Steps("a", [1, 2]) if a for b in Steps("b", [a, 0]) if b]


def closures():
    functions = [lambda: i for i in range(3)]
    return [function() for function in functions], [f() for f in [lambda i=i: i for i in range(3)]]


class Body:
    names = ["x", "y"]
    upper = [name.upper() for name in names]
    pairs = {name: len(name) for name in names}
    lazy = tuple(name for name in names)
    try:
        broken = [names for _ in range(1)]
    except NameError as error:
        problem = str(error)


def walrus():
    values = [last := value for value in range(5)]
    return last, values


def evaluation_order():
    log = []

    def note(value):
        log.append(value)
        return value

    {note("key1"): note("value1") for _ in range(1)}
    [note(a) + note(b) for a in (note("a"),) for b in (note("b"),) if note(True)]
    return log


def fails(how):
    if how == "iterable":
        return [x for x in 5]
    if how == "element":
        return [1 // x for x in (1, 0)]
    if how == "condition":
        return {x for x in (1, "a") if x > 0}
    if how == "hash":
        return {x for x in ([],)}
    if how == "key":
        return {x: 1 for x in ({},)}
    if how == "unpack":
        return [a for a, b in [(1, 2), (3,)]]
    if how == "generator":
        return list(1 // x for x in (1, 0))
    return [y for x in (1,) for y in x]


def deep_names():
    return [[sys._getframe(level).f_code.co_name for level in range(1)] for _ in (1,)][0][0] in ("<listcomp>", "deep_names")


def big():
    return sum([x for x in range(1000) if x % 7 == 0]), len({x: str(x) for x in range(500)}), sum(x for x in range(100))


print(scopes())
print(nested())
print(crossed())
print(closures())
print({name: value for name, value in vars(Body).items() if not name.startswith("_")})
print(walrus())
print(evaluation_order())
for how in ("iterable", "element", "condition", "hash", "key", "unpack", "generator", "inner"):
    try:
        print(fails(how))
    except Exception:
        traceback.print_exc(file=sys.stdout)
print(deep_names())
print(big())
print([x for x in range(3)], sorted(name for name in globals() if not name.startswith("__")))
