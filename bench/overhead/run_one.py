"""Runs one program in one way and prints a line of JSON: CPU seconds of main(n), its result, events where they are known.

usage: python run_one.py WAY FOLDER PROGRAM N [PACKAGES]
FOLDER has the program's .pyc, as it is or with probes; PACKAGES is a folder with line_profiler and viztracer.
"""
import gc
import json
import os
import sys
import time

way, folder, name, n = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
sys.path.insert(0, folder)
sys.path += sys.argv[5:6]
program = __import__(name)
events = [0]


def plain(run):
    return run()


def cprofile(run):
    import cProfile

    profile = cProfile.Profile()
    result = profile.runcall(run)
    profile.create_stats()
    events[0] = sum(row[0] for row in profile.stats.values())
    return result


def setprofile(run):
    def callback(frame, event, arg):
        events[0] += 1

    sys.setprofile(callback)
    result = run()
    sys.setprofile(None)
    return result


def settrace(run):
    def trace(frame, event, arg):
        frame.f_trace_opcodes = True
        frame.f_trace_lines = False
        events[0] += event == "opcode"
        return trace

    sys.settrace(trace)
    result = run()
    sys.settrace(None)
    return result


def monitoring(run):
    tools = sys.monitoring

    def callback(code, offset):
        events[0] += 1

    tools.use_tool_id(3, "overhead")
    tools.register_callback(3, tools.events.INSTRUCTION, callback)
    tools.set_events(3, tools.events.INSTRUCTION)
    result = run()
    tools.set_events(3, 0)
    return result


def functions(module):
    for value in list(vars(module).values()):
        if isinstance(value, type):
            members = [member.fget if isinstance(member, property) else member for member in vars(value).values()]
            yield from (member for member in members if hasattr(member, "__code__"))
        elif hasattr(value, "__code__"):
            yield value


def line_profiler(run):
    from line_profiler import LineProfiler

    profiler = LineProfiler()
    for function in functions(program):
        profiler.add_function(function)
    profiler.enable_by_count()
    result = run()
    profiler.disable_by_count()
    events[0] = sum(row[1] for rows in profiler.get_stats().timings.values() for row in rows)
    return result


def viztracer(run):
    from viztracer import VizTracer

    tracer = VizTracer(verbose=0, tracer_entries=1000000)
    tracer.start()
    result = run()
    tracer.stop()
    return result


def getattribute(run):
    """The class of the seed: every class of the program times its attributes' loads in Python."""
    totals = {}

    def timed(self, name):
        begin = time.perf_counter_ns()
        try:
            return object.__getattribute__(self, name)
        finally:
            events[0] += 1
            totals[name] = totals.get(name, 0) + time.perf_counter_ns() - begin

    for value in list(vars(program).values()):
        if isinstance(value, type):
            value.__getattribute__ = timed
    return run()


def gc_callbacks(run):
    pauses = []

    def callback(phase, info):
        pauses.append(time.perf_counter_ns())

    gc.callbacks.append(callback)
    result = run()
    gc.callbacks.remove(callback)
    events[0] = len(pauses) // 2
    return result


WAYS = {
    "cProfile": cprofile,
    "setprofile": setprofile,
    "settrace": settrace,
    "monitoring": monitoring,
    "line_profiler": line_profiler,
    "VizTracer": viztracer,
    "__getattribute__": getattribute,
    "gc.callbacks": gc_callbacks,
}

run = WAYS.get(way, plain)
program.main(1)  # imports, caches and the interpreter's specialization are no tool's cost
begin = time.process_time()
result = run(lambda: program.main(n))
seconds = time.process_time() - begin
sys.stdout.write(json.dumps({"seconds": seconds, "result": repr(result), "events": events[0]}) + "\n")
sys.stdout.flush()
if way == "VizTracer":
    os._exit(0)  # nothing is saved: that is not what is measured
