# orphaned not 3.9: the runtime leaves out what the interpreter tells of the probes' handlers
"""sys.settrace set, set to another function and set to nothing, from everywhere, while operations raise."""
import sys
import threading

EVENTS = []


def note(who, frame, event):
    if frame.f_code.co_filename == __file__.replace(".pyc", ".py"):
        EVENTS.append((who, frame.f_code.co_name, frame.f_lineno - frame.f_code.co_firstlineno, event))


def first(frame, event, argument):
    note("first", frame, event)
    return first


def second(frame, event, argument):
    note("second", frame, event)
    return second


def installs(frame, event, argument):
    """As coverage.py does in threads: the first event replaces the function that gets it."""
    note("installs", frame, event)
    sys.settrace(None)
    sys.settrace(second)
    return second(frame, event, argument)


def local_only(frame, event, argument):
    """Every other line goes to another local function."""
    note("local", frame, event)
    return first if event == "exception" else local_only


def calls_only(frame, event, argument):
    note("calls", frame, event)
    return None


def without_lines(frame, event, argument):
    note("without lines", frame, event)
    frame.f_trace_lines = False
    return without_lines


def by_opcode(frame, event, argument):
    """How many opcodes there are is not compared."""
    frame.f_trace_opcodes = True
    if event != "opcode":
        note("by opcode", frame, event)
    return by_opcode


def fails(frame, event, argument):
    note("fails", frame, event)
    if event == "exception":
        raise LookupError("tracer")
    return fails


def stops(frame, event, argument):
    note("stops", frame, event)
    if event == "exception":
        sys.settrace(None)
    return stops


def missing(data):
    try:
        data["missing"]
    except KeyError:
        pass
    try:
        data.missing
    except AttributeError:
        return data


def raising(data):
    return data["missing"]


def in_one_frame(data):
    frame = sys._getframe()
    sys.settrace(first)
    frame.f_trace = first
    try:
        data["on"]
    except KeyError:
        sys.settrace(second)
    try:
        data["other function, same local one"]
    except KeyError:
        frame.f_trace = second
    try:
        raising(data)
    except KeyError:
        sys.settrace(None)
    try:
        data["off"]
    except KeyError:
        sys.settrace(first)
    try:
        data["on"]
    except KeyError:
        found = sys.gettrace()
    sys.settrace(None)
    return found is first


def switches_inside(data):
    sys.settrace(second)
    sys._getframe(1).f_trace = second
    return data["missing"]


def in_callee(data):
    try:
        switches_inside(data)
    except KeyError:
        pass
    try:
        data["missing"]
    except KeyError:
        sys.settrace(None)


class Switches:
    @property
    def value(self):
        sys.settrace(second)
        sys._getframe(1).f_trace = second
        raise AttributeError


def in_attribute(_):
    try:
        Switches().value
    except AttributeError:
        sys.settrace(None)


def steps(data):
    for key in range(3):
        try:
            yield data[key]
        except KeyError:
            yield key


def in_generator(data):
    items = steps(data)
    sys.settrace(first)
    a = next(items)
    sys.settrace(second)
    b = next(items)
    sys.settrace(None)
    c = next(items)
    return a, b, c


def nested(data):
    def inner():
        def innermost():
            return data["missing"]
        try:
            innermost()
        except KeyError:
            return innermost()
    sys.settrace(first)
    try:
        inner()
    except KeyError:
        sys.settrace(None)


def while_traced(data):
    """call_tracing lets a trace function be traced."""
    def calls(frame, event, argument):
        note("calls", frame, event)
        if event == "exception" and frame.f_code.co_name == "missing":
            sys.call_tracing(missing_quietly, (data,))
        return calls
    sys.settrace(calls)
    missing(data)
    sys.settrace(None)


def missing_quietly(data):
    try:
        data["missing"]
    except KeyError:
        pass


def in_threads(data):
    """One goes on at a time, so that the events have an order; all live at once."""
    turns = [threading.Event() for _ in range(4)]

    def work(number):
        turns[number].wait()
        missing(data)
        if number % 2:
            sys.settrace(second)
            missing(data)
    threading.settrace(first)
    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
        while number_of_waits() <= threads.index(thread):
            pass
    threading.settrace(None)
    for turn, thread in zip(turns, threads):
        turn.set()
        thread.join()


def number_of_waits():
    return sum(event[1:3] == ("work", 1) for event in EVENTS)


def threads_at_once(data):
    found = []

    def work():
        events = []

        def own(frame, event, argument):
            if frame.f_code.co_name in ("missing", "steps"):
                events.append((frame.f_code.co_name, frame.f_lineno - frame.f_code.co_firstlineno, event))
            return own
        for _ in range(50):
            sys.settrace(own)
            missing(data)
            list(steps(data))
            assert sys.gettrace() is own
            sys.settrace(None)
            missing(data)
        found.append(events)
    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    EVENTS.extend(found[0][:40])
    return len(found[0]), all(events == found[0] for events in found)


def run(name, function, tracer=None):
    EVENTS.clear()
    sys.settrace(tracer)
    found = sys.gettrace()
    try:
        result = function({})
    except BaseException as error:
        result = repr(error)
    sys.settrace(None)
    print(name, result, found is tracer)
    for event in EVENTS:
        print("   ", *event)


for tracer in (first, installs, local_only, calls_only, without_lines, by_opcode, fails, stops):
    run(tracer.__name__, missing, tracer)
    run(tracer.__name__, raising, tracer)
for function in (in_one_frame, in_callee, in_attribute, in_generator, nested, while_traced):
    run(function.__name__, function)
    run(function.__name__, function, first)
for function in (in_threads, threads_at_once):
    run(function.__name__, function)
