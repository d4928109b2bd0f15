"""Counts how often each instruction of some files runs while a program runs, by the interpreter's own tracing.

usage: python count_instructions.py RESULT FILES (-m MODULE | SCRIPT) [ARGS...]
FILES is a text file with the co_filename of each file to count in, one in a line. RESULT gets lines of
"<count> <offset> <co_firstlineno> <co_name> <co_filename>". The program's own output is its own.
Nothing is imported here that the program could import.
"""
import sys


def start_monitoring(wanted, counts):
    monitoring = sys.monitoring
    tool = 3
    monitoring.use_tool_id(tool, "count-instructions")

    def add(code, offset):
        if code.co_filename not in wanted:
            return monitoring.DISABLE
        key = offset, code.co_firstlineno, code.co_name, code.co_filename
        counts[key] = counts.get(key, 0) + 1

    monitoring.register_callback(tool, monitoring.events.INSTRUCTION, add)
    monitoring.set_events(tool, monitoring.events.INSTRUCTION)
    return lambda: monitoring.set_events(tool, 0)


def start_tracing(wanted, counts):
    def trace(frame, event, _argument):
        code = frame.f_code
        if code.co_filename not in wanted:
            return None
        frame.f_trace_opcodes = True
        if event == "opcode":
            key = frame.f_lasti, code.co_firstlineno, code.co_name, code.co_filename
            counts[key] = counts.get(key, 0) + 1
        return trace

    sys.settrace(trace)
    return lambda: sys.settrace(None)


def program(words):
    """A function that runs the program, in a __main__ of its own."""
    main = sys.modules["__main__"] = type(sys)("__main__")
    if words[0] == "-m":
        sys.argv[:] = words[1:]
        sys.path[0] = ""
        return lambda: __import__("runpy")._run_module_as_main(words[1])
    import posixpath

    path = posixpath.abspath(words[0])
    sys.argv[:] = words
    sys.path[0] = posixpath.dirname(path)
    main.__file__ = path
    with open(path, "rb") as file:
        code = compile(file.read(), path, "exec", dont_inherit=True)
    return lambda: exec(code, main.__dict__)


def write_at_exit(path, counts, stop):
    """After what the program itself does at its exit."""
    import atexit

    def write():
        stop()
        with open(path, "w", encoding="utf-8") as file:
            for key, count in counts.items():
                file.write("%d %d %d %s %s\n" % ((count,) + key))

    atexit.register(write)


def main():
    result, files = sys.argv[1:3]
    with open(files, encoding="utf-8") as file:
        wanted = set(file.read().split("\n"))
    counts = {}
    run = program(sys.argv[3:])
    start = start_monitoring if hasattr(sys, "monitoring") else start_tracing
    write_at_exit(result, counts, start(wanted, counts))
    run()


main()
