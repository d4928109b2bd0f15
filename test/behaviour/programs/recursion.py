"""Recursion limits: the same depth, the same error, also through C code."""
import sys


def depth_of(function, *arguments):
    """How deep it gets below a limit."""
    global DEPTH
    DEPTH = 0
    try:
        function(*arguments)
    except RecursionError as error:
        return DEPTH, str(error)


def at_least_once(result):
    """Since 3.14 calls by subscript and of classes are counted only where the stack of frames needs a new chunk:
    the depth depends on the frame's size, 142 for a limit of 120."""
    depth, error = result
    return (depth > 10, error) if sys.version_info >= (3, 14) else result


def plain():
    global DEPTH
    DEPTH += 1
    plain()


def with_arguments(a, *b, **c):
    global DEPTH
    DEPTH += 1
    return with_arguments(a, *b, **c) + 1


class Thing:
    def __getattr__(self, name):
        global DEPTH
        DEPTH += 1
        return getattr(self, name)

    def __add__(self, other):
        global DEPTH
        DEPTH += 1
        return self + other

    @property
    def prop(self):
        global DEPTH
        DEPTH += 1
        return self.prop

    def __getitem__(self, key):
        global DEPTH
        DEPTH += 1
        return self[key]

    def __init__(self, again=False):
        if again:
            global DEPTH
            DEPTH += 1
            Thing(True)

    def __iter__(self):
        global DEPTH
        DEPTH += 1
        for item in self:
            yield item

    def __eq__(self, other):
        global DEPTH
        DEPTH += 1
        return self == other

    __hash__ = None


def generator():
    global DEPTH
    DEPTH += 1
    yield from generator()


def in_try():
    global DEPTH
    DEPTH += 1
    try:
        in_try()
    finally:
        pass


def in_with():
    global DEPTH
    DEPTH += 1
    with Nothing():
        in_with()


class Nothing:
    def __enter__(self):
        pass

    def __exit__(self, *error):
        pass


def comprehension():
    global DEPTH
    DEPTH += 1
    return [comprehension() for _ in range(1)]


def sorting():
    global DEPTH
    DEPTH += 1
    return sorted([1], key=lambda x: sorting())


def recovers(n):
    try:
        return recovers(n + 1)
    except RecursionError:
        return n


def deep(n):
    return n and deep(n - 1) + 1


for limit in (120, 300):
    sys.setrecursionlimit(limit)
    print(limit, depth_of(plain))
    if sys.version_info < (3, 15):
        # 3.15.0 does not count calls with *args: this one would fill the memory
        print(limit, depth_of(lambda: with_arguments(1, 2, c=3)))
    print(limit, depth_of(lambda: Thing().name))
    print(limit, depth_of(lambda: Thing() + 1))
    print(limit, depth_of(lambda: Thing().prop))
    print(limit, at_least_once(depth_of(lambda: Thing()[1])))
    print(limit, at_least_once(depth_of(lambda: Thing(True))))
    print(limit, depth_of(lambda: list(Thing())))
    print(limit, depth_of(lambda: Thing() == 1))
    print(limit, depth_of(lambda: list(generator())))
    print(limit, depth_of(in_try))
    print(limit, depth_of(in_with))
    print(limit, depth_of(comprehension))
    print(limit, depth_of(sorting))
    print(limit, recovers(0))
sys.setrecursionlimit(20000)
print(deep(3000))
nested = []
for _ in range(2000):
    nested = [nested]
try:
    print(len(repr(nested)))
except RecursionError as error:
    print(error)
