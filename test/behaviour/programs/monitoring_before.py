# requires 3.12
# orphaned not 3.12 3.13 3.14 3.15: the runtime leaves out what the interpreter tells of the probes' handlers
"""sys.monitoring: tools that were there before the first instrumented module."""
import subprocess
import sys

TOOL = """
import runpy, sys

monitoring = sys.monitoring
E = monitoring.events
EVENTS = []


def recorder(name):
    def callback(code, offset, error):
        if code.co_name in ("missing", "caught", "passes", "generator"):
            EVENTS.append((name, code.co_name, type(error).__name__))
    return callback


callbacks = {(tool, event): recorder("%d %s" % (tool, event))
             for tool, event in [(1, "RERAISE"), (2, "RAISE"), (2, "EXCEPTION_HANDLED"), (4, "RERAISE"),
                                 (4, "EXCEPTION_HANDLED"), (4, "PY_UNWIND")]}
for tool in (1, 2, 3, 4):
    monitoring.use_tool_id(tool, str(tool))
for (tool, event), callback in callbacks.items():
    assert monitoring.register_callback(tool, getattr(E, event), callback) is None
    monitoring.set_events(tool, monitoring.get_events(tool) | getattr(E, event))
counts = [sys.getrefcount(callback) for callback in callbacks.values()]
namespace = runpy.run_path(sys.argv[1], run_name="child")
for turn in range(2):
    namespace["caught"]({})
    namespace["passes"]({})
    for event in EVENTS:
        print("   ", *event)
    EVENTS.clear()
    for tool in (1, 2, 3, 4):
        for event in ("RAISE", "RERAISE", "EXCEPTION_HANDLED", "PY_UNWIND"):
            callback = callbacks.get((tool, event))
            registered = monitoring.register_callback(tool, getattr(E, event), callback)
            print(tool, event, registered is callback, registered is None)
del registered
print([sys.getrefcount(callback) - count for callback, count in zip(callbacks.values(), counts)])
"""


def missing(data, key=None):
    return data[key]


def caught(data):
    try:
        missing(data)
    except KeyError:
        pass
    try:
        list(generator(data))
    except KeyError as error:
        return str(error)


def passes(data):
    try:
        try:
            missing(data, "key")
        finally:
            data = 1
    except KeyError:
        return data.nothing if data == 2 else data


def generator(data):
    yield 1
    yield missing(data)


if __name__ == "__main__":
    child = subprocess.run([sys.executable, "-c", TOOL, __file__], capture_output=True, text=True)
    print(child.returncode, child.stdout, child.stderr)
