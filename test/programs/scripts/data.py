"""Input for the tools that read Python source: every kind of statement, kept to the grammar of 3.8."""
import os.path as path, sys
from collections import OrderedDict as Ordered

LIMIT: int = 10
TEXT = "naïve" + r"\d" + f"{LIMIT!r:>{4}}" + b"x".decode()


class Shape(object, metaclass=type):
    """A shape."""

    sides = 0

    def __init__(self, *names, scale=1.5, **rest):
        self.names, self.scale = names, scale
        self.rest = {**rest, "n": [*names]}

    @property
    def area(self) -> float:
        """The area."""
        return self.sides * self.scale ** 2 // 1 % 7 @ -self.scale

    async def later(self):
        async with self as it, it:
            async for x in it:
                yield await x


def walk(items, /, depth=0, *, key=lambda x: x):
    """Yields what is not a list, with its depth."""
    global LIMIT
    for item in items:
        if isinstance(item, list) and not depth > LIMIT:
            yield from walk(item, depth + 1, key=key)
        elif (n := key(item)) in (1, 2, 3) or n is None:
            continue
        else:
            yield n, depth
    else:
        del item
    while True:
        try:
            assert items, "no items"
            with open(path.devnull) as a, open(path.devnull):
                LIMIT += a.read() == ""
                break
        except (OSError, ValueError) as error:
            raise RuntimeError from error
        finally:
            pass


print({k: v for k, v in zip("ab", range(2))}, {1, 2}, (1,), [x for x in range(3) if x][::-1], sep="|", file=sys.stdout)
