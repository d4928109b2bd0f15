"""sys.setprofile and cProfile: the same calls, C calls and returns."""
import cProfile
import functools
import io
import pstats
import sys

EVENTS = []


class Thing:
    def __init__(self, value):
        self.value = value

    def __add__(self, other):
        return Thing(self.value + other.value)

    def __eq__(self, other):
        return self.value == other.value

    def __getattr__(self, name):
        return len(name)

    def __iter__(self):
        return iter([self.value])

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return bool(error[0])

    def __bool__(self):
        return self.value > 0

    def __getitem__(self, key):
        return key

    def __contains__(self, item):
        return True

    def __del__(self):
        pass

    @property
    def prop(self):
        return self.value


def generator():
    yield 1
    yield 2


def work():
    a, b = Thing(1), Thing(2)
    c = a + b
    found = [c == b, c.missing, c.prop, *c, c[5], 3 in c]
    with c as d:
        raise ValueError
    if c:
        found.append(len(found))
    found.extend(generator())
    sorted(found, key=lambda x: -x)
    del a, b
    try:
        int("x")
    except ValueError:
        pass
    import json
    json.dumps({"a": [1, 2]})
    functools.reduce(lambda x, y: x + y, [1, 2, 3])
    return "".join(str(x) for x in found)


def profile(frame, event, argument):
    name = getattr(argument, "__qualname__", None) if event.startswith("c_") else frame.f_lineno - frame.f_code.co_firstlineno
    EVENTS.append((frame.f_code.co_name, event, name))


sys.setprofile(profile)
work()
sys.setprofile(None)
for event in EVENTS:
    print(*event)
profiler = cProfile.Profile()
profiler.runcall(work)
stream = io.StringIO()
stats = pstats.Stats(profiler, stream=stream)
for (file, line, name), (calls, total, *_) in sorted(stats.stats.items(), key=lambda item: (item[0][2], item[0][1])):
    print(line, name.split(" at 0x")[0], calls, total)
