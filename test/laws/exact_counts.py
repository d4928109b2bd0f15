"""Counts how often each instruction of a compiled module runs, by the interpreter's own tracing.

usage: python exact_counts.py MODULE.pyc  ->  JSON {"<co_firstlineno> <co_name> <offset>": count}
"""
import json
import marshal
import sys

counts = {}


def key(code, offset):
    return "%d %s %d" % (code.co_firstlineno, code.co_name, offset)


def add(code, offset):
    name = key(code, offset)
    counts[name] = counts.get(name, 0) + 1


def walk(code):
    yield code
    for const in code.co_consts:
        if hasattr(const, "co_code"):
            yield from walk(const)


def run_monitored(code):
    monitoring = sys.monitoring
    tool = 3
    monitoring.use_tool_id(tool, "exact-counts")
    monitoring.register_callback(tool, monitoring.events.INSTRUCTION, add)
    for nested in walk(code):
        monitoring.set_local_events(tool, nested, monitoring.events.INSTRUCTION)
    exec(code, {"__name__": "counted"})
    monitoring.free_tool_id(tool)


def run_traced(code):
    codes = set(walk(code))

    def trace(frame, event, _arg):
        if frame.f_code not in codes:
            return None
        frame.f_trace_opcodes = True
        if event == "opcode":
            add(frame.f_code, frame.f_lasti)
        return trace

    sys.settrace(trace)
    exec(code, {"__name__": "counted"})
    sys.settrace(None)


def main(path):
    with open(path, "rb") as file:
        code = marshal.loads(file.read()[16:])
    sys.setrecursionlimit(5000)
    (run_monitored if hasattr(sys, "monitoring") else run_traced)(code)
    json.dump(counts, sys.stdout)


main(sys.argv[1])
