# requires 3.9
# until 3.9
# orphaned not 3.9: the runtime leaves out what the interpreter tells of the probes' handlers
"""Trace functions that a module in C sets without sys.settrace, as coverage.py's and line_profiler's do."""
import ctypes
import threading

EVENTS = []
NAMES = {0: "call", 1: "exception", 2: "line", 3: "return"}
FUNCTION = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.py_object, ctypes.py_object, ctypes.c_int, ctypes.c_void_p)
set_trace = ctypes.pythonapi.PyEval_SetTrace
set_trace.argtypes = [ctypes.c_void_p, ctypes.py_object]
set_trace.restype = None


def make(title):
    def callback(self, frame, event, argument):
        if frame.f_code.co_name in ("work", "callee"):
            EVENTS.append((title, self, frame.f_code.co_name, frame.f_lineno - frame.f_code.co_firstlineno, NAMES[event]))
        return 0
    return FUNCTION(callback)


FUNCTIONS = [make("function %d" % i) for i in range(12)]


def start(function, self):
    set_trace(ctypes.cast(function, ctypes.c_void_p), self)


def callee(data):
    return data["missing"]


def work(data):
    try:
        callee(data)
    except KeyError:
        pass
    try:
        data.missing
    except AttributeError:
        return data


def traced(function, title):
    start(function, title)
    work({})  # it is noticed when an operation raises: what this tells is not compared
    EVENTS.clear()
    work({})
    set_trace(None, None)
    for event in EVENTS:
        print("   ", *event)


for number, function in enumerate(FUNCTIONS[:7]):
    traced(function, number)
thread = threading.Thread(target=traced, args=(FUNCTIONS[0], "in a thread"))
thread.start()
thread.join()
# A lot of functions: nobody crashes.
for function in FUNCTIONS:
    start(function, "many")
    work({})
set_trace(None, None)
print("done")
