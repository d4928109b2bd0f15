"""Times ten attribute loads in a loop, as they are or under one way of measuring them.

usage: python probe_cost.py MODE   -> nanoseconds of CPU time per attribute load, minimum of several runs
Modes: plain, calls (a C function called before and after), profile, trace, monitoring.
The module is also run instrumented (mode plain, from the rewritten .pyc).
"""
import sys
import time

ROUNDS = 9
LOOPS = 20000
LOADS = 10


class Point:
    __slots__ = ("x",)

    def __init__(self):
        self.x = 1


def loads(n, point):
    for _ in range(n):
        point.x; point.x; point.x; point.x; point.x  # noqa
        point.x; point.x; point.x; point.x; point.x  # noqa


def loads_between_calls(n, point, now=time.perf_counter_ns):
    for _ in range(n):
        now(); point.x; now(); now(); point.x; now(); now(); point.x; now(); now(); point.x; now()  # noqa
        now(); point.x; now(); now(); point.x; now(); now(); point.x; now(); now(); point.x; now()  # noqa
        now(); point.x; now(); now(); point.x; now()  # noqa


def measure(function):
    best = None
    point = Point()
    for _ in range(ROUNDS):
        start = time.thread_time()
        function(LOOPS, point)
        elapsed = time.thread_time() - start
        best = elapsed if best is None else min(best, elapsed)
    return best * 1e9 / LOOPS / LOADS


def traced(frame, _event, _arg):
    frame.f_trace_opcodes = True
    return traced


def main(mode):
    function = loads_between_calls if mode == "calls" else loads
    if mode == "profile":
        import cProfile

        cProfile.Profile().enable()
    elif mode == "trace":
        sys.settrace(traced)
        measure(function)
    elif mode == "monitoring":
        if not hasattr(sys, "monitoring"):
            print("nan")
            return
        events = sys.monitoring.events
        sys.monitoring.use_tool_id(4, "bench")
        sys.monitoring.register_callback(4, events.INSTRUCTION, lambda code, offset: None)
        sys.monitoring.set_local_events(4, loads.__code__, events.INSTRUCTION)
    print(measure(function))


main(sys.argv[1])
