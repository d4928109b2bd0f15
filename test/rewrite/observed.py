"""Runs a compiled program under an observer and prints what that sees, as JSON.

    python observed.py trace|monitor|traceback|positions PROGRAM.pyc

Instruction offsets are left out: they differ between a program and its instrumented form.
"""

import json
import marshal
import sys
import traceback

FILE = "program.py"


def load(path):
    with open(path, "rb") as file:
        return marshal.loads(file.read()[16:])


def namespace():
    return {"__name__": "__main__"}


def trace(code):
    """What `sys.settrace` reports: debuggers and coverage tools live on it."""
    events = []

    def tracer(frame, event, arg):
        if frame.f_code.co_filename != FILE:
            return None
        shown = arg[0].__name__ if event == "exception" else repr(arg) if event == "return" else None
        events.append([event, frame.f_code.co_name, frame.f_lineno, shown if "0x" not in str(shown) else ""])
        return tracer

    sys.settrace(tracer)
    exec(code, namespace())
    sys.settrace(None)
    return events if hasattr(code, "co_lines") else without_lines_of_handlers(events)


def without_lines_of_handlers(events):
    """3.8 and 3.9: a cold handler has a line, for want of a way to have none, and may be told."""
    kept = []
    after_exception = False
    for event in events:
        if not (after_exception and event[0] == "line"):
            kept.append(event)
            after_exception = event[0] == "exception"
    return kept


def profile(code):
    """What `sys.setprofile` reports: probes are no calls."""
    events = []

    def profiler(frame, event, arg):
        if frame.f_code.co_filename == FILE:
            events.append([event, frame.f_code.co_name, frame.f_lineno, getattr(arg, "__name__", None)])

    sys.setprofile(profiler)
    exec(code, namespace())
    sys.setprofile(None)
    return [event for event in events if event[3] != "setprofile"]


def monitor(code):
    """What `sys.monitoring` reports, by line."""
    monitoring = sys.monitoring
    tool, events, log = 3, monitoring.events, []
    monitoring.use_tool_id(tool, "observed")
    names = ["LINE", "PY_START", "PY_RETURN", "PY_YIELD", "PY_RESUME", "PY_UNWIND", "PY_THROW", "RAISE", "CALL",
             "JUMP", "BRANCH_LEFT", "BRANCH_RIGHT", "STOP_ITERATION"]
    lines = {}

    def line_at(code, offset):
        if code not in lines:
            lines[code] = [position[0] for position in code.co_positions()]
        return lines[code][offset // 2]

    def listen(name):
        def callback(code, *args):
            if code.co_filename != FILE:
                return
            if name == "LINE":
                log.append([name, code.co_name, args[0]])
            elif name in ("JUMP", "BRANCH_LEFT", "BRANCH_RIGHT"):
                log.append([name, code.co_name, line_at(code, args[0]), line_at(code, args[1])])
            elif name == "PY_UNWIND":  # the place is the cold handler's, which has no line
                log.append([name, code.co_name])
            elif name == "STOP_ITERATION" or (name == "RAISE" and isinstance(args[1], StopIteration)):
                # which of the two depends on whether FOR_ITER starts a line
                log.append(["STOP", code.co_name, line_at(code, args[0])])
            else:
                log.append([name, code.co_name, line_at(code, args[0])])
        return callback

    chosen = 0
    for name in names:
        if hasattr(events, name):
            monitoring.register_callback(tool, getattr(events, name), listen(name))
            chosen |= getattr(events, name)
    monitoring.set_events(tool, chosen)
    exec(code, namespace())
    monitoring.set_events(tool, 0)
    return log


def tracebacks(code):
    """Formatted tracebacks, with the positions of each entry."""
    scope = namespace()
    exec(code, scope)
    shown = []
    for fail in scope["FAILURES"]:
        try:
            fail()
        except BaseException as error:
            entries = []
            for frame, line in traceback.walk_tb(error.__traceback__):
                entries.append([frame.f_code.co_name, line])
            shown.append([traceback.format_exc(), entries[1:]])
    return shown


def instruction_positions(code):
    """Positions of the instruction that each entry of a traceback stands at (3.11+)."""
    scope = namespace()
    exec(code, scope)
    found = []
    for fail in scope["FAILURES"]:
        try:
            fail()
        except BaseException as error:
            tb = error.__traceback__.tb_next
            while tb is not None:
                positions = list(tb.tb_frame.f_code.co_positions()) if hasattr(code, "co_positions") else None
                found.append(positions[tb.tb_lasti // 2] if positions else [tb.tb_lineno])
                tb = tb.tb_next
    return found


MODES = {
    "trace": trace,
    "profile": profile,
    "monitor": monitor,
    "traceback": tracebacks,
    "positions": instruction_positions,
}
print(json.dumps(MODES[sys.argv[1]](load(sys.argv[2]))))
