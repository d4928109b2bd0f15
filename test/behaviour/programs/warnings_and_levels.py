# options -W always
"""warnings: file, line, stack level, registries."""
import sys
import warnings


def deprecated(level):
    warnings.warn(f"deprecated at {level}", DeprecationWarning, stacklevel=level)


def caller(level):
    deprecated(level)


class Thing:
    def __init__(self):
        warnings.warn("made", stacklevel=2)

    @property
    def old(self):
        warnings.warn("old", FutureWarning, stacklevel=2)
        return 1

    def __getitem__(self, key):
        warnings.warn("item", stacklevel=2)

    def __add__(self, other):
        warnings.warn("add", stacklevel=2)
        return self

    def __enter__(self):
        warnings.warn("enter", stacklevel=2)

    def __exit__(self, *error):
        warnings.warn("exit", stacklevel=2)

    def __iter__(self):
        warnings.warn("iter", stacklevel=2)
        return iter(())

    def __bool__(self):
        warnings.warn("bool", stacklevel=2)
        return False


class Base:
    def __init_subclass__(cls):
        warnings.warn("subclass", stacklevel=2)


def show(message, category, filename, lineno, file=None, line=None):
    print(category.__name__, message, filename.rsplit("/")[-1], lineno)


warnings.showwarning = show
for level in (1, 2, 3):
    caller(level)
thing = Thing()
thing.old
thing[
    0
]
thing + \
    thing
with thing:
    pass
for _ in thing:
    pass
if thing:
    pass
[x for x in thing]
list(
    x
    for x in thing
)


class Sub(Base):
    pass


def unclosed():
    open(__file__)


async def never_awaited():
    pass


def forgets():
    never_awaited()


unclosed()
forgets()
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("default")
    for _ in range(3):
        caller(2)
    caller(2)
print([(str(w.message), w.lineno) for w in caught])
warnings.simplefilter("error")
try:
    caller(2)
except DeprecationWarning as error:
    frames = []
    trace = error.__traceback__
    while trace:
        frames.append((trace.tb_frame.f_code.co_name, trace.tb_lineno))
        trace = trace.tb_next
    print(frames)
print(sorted(key for key in globals() if "warning" in key))
