"""Runs a compiled program and prints which calls of it the interpreter reports: all since 3.12, before that those in C."""
import collections
import dis
import json
import marshal
import sys
import types

seen = collections.Counter()
reported = {"all": hasattr(sys, "monitoring"), "unpacked": False}
DESCRIPTORS = type(str.join), type(object.__init__), type(object().__init__)


def name_of(callable):
    return callable.__qualname__.rpartition(".")[2]


def kind_of(callable):
    if isinstance(callable, types.MethodType):
        callable = callable.__func__
    if isinstance(callable, types.FunctionType):
        return "python function", name_of(callable)
    if isinstance(callable, DESCRIPTORS):
        return "C method", name_of(callable)
    if isinstance(callable, types.BuiltinFunctionType):
        is_function = callable.__self__ is None or isinstance(callable.__self__, types.ModuleType)
        return "C function" if is_function else "C method", name_of(callable)
    if isinstance(callable, type):
        return "new object", name_of(callable)
    return "callable", name_of(type(callable))


def note(code, line, callable):
    if code.co_filename == "program.py":
        seen["\t".join(map(str, (line, *kind_of(callable))))] += 1


def calls_of(code, known={}):
    if code not in known:
        lines = [line for line, *_ in code.co_positions()]
        known[code] = {each.offset: lines[each.offset // 2] for each in dis.get_instructions(code) if "CALL" in each.opname}
    return known[code]


def called(code, offset, callable, first):
    # Where these are watched, super() is called to load an attribute of it.
    if code.co_filename == "program.py" and offset in calls_of(code):
        note(code, calls_of(code)[offset], callable)


def profiled(frame, event, callable):
    if event == "c_call":
        note(frame.f_code, frame.f_lineno, callable)


def reports_unpacked():
    """Whether calls of functions in Python with unpacked arguments are reported."""
    scope = {}
    exec(compile("def f(): pass\nf(*())", "program.py", "exec"), scope)
    was_reported = bool(seen)
    seen.clear()
    return was_reported


def run(code):
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    monitoring = getattr(sys, "monitoring", None)
    if monitoring:
        monitoring.use_tool_id(2, "truth")
        monitoring.register_callback(2, monitoring.events.CALL, called)
        monitoring.set_events(2, monitoring.events.CALL)
        reported["unpacked"] = reports_unpacked()
    else:
        sys.setprofile(profiled)
    exec(code, module.__dict__)
    if monitoring:
        monitoring.set_events(2, 0)
    else:
        sys.setprofile(None)


with open(sys.argv[1], "rb") as file:
    program = marshal.loads(file.read()[16:])
run(program)
print()
print(json.dumps({**reported, "calls": seen}))
