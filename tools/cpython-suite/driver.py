"""Runs CPython's regrtest in this process and writes what became of every test method to a file.

    python driver.py LOG [regrtest's own arguments]

LOG gets one JSON array per line as it happens, so that a crash of the interpreter leaves what was there:
    ["start", id]   ["ok" | "failure" | "error" | "skipped" | "expected failure" | "unexpected success" | "subtest", id, text]
    ["probes", number]   at the end: how many probes the functions carry that are then loaded
"""
import gc
import json
import os
import sys
import traceback
import types

FOLDER = os.path.dirname(os.path.abspath(__file__))
PID = os.getpid()


class Log:
    def __init__(self, path):
        self.fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)

    def write(self, *record):
        if os.getpid() != PID:  # a test's forked child that does not end
            return
        os.write(self.fd, (json.dumps(record) + "\n").encode())


def identify(test):
    try:
        return str(type(test).id(test))  # some tests keep something else in `self.id`
    except Exception:
        return str(test)


def result_class():
    try:
        from test.libregrtest.testresult import RegressionTestResult
    except ImportError:
        from test.support.testresult import RegressionTestResult
    return RegressionTestResult


def text_of(argument):
    if isinstance(argument, tuple) and len(argument) == 3:
        return "".join(traceback.format_exception(*argument))[-4000:]
    return "" if argument is None else str(argument)


def observe(results, log):
    """Wraps the methods of the class of results that unittest calls."""
    outcomes = {
        "addSuccess": "ok",
        "addFailure": "failure",
        "addError": "error",
        "addSkip": "skipped",
        "addExpectedFailure": "expected failure",
        "addUnexpectedSuccess": "unexpected success",
    }

    def wrap(name, outcome):
        original = getattr(results, name)

        def method(self, test, *arguments):
            if type(self) is results:
                log.write(outcome, identify(test), text_of(arguments[0] if arguments else None))
            return original(self, test, *arguments)

        setattr(results, name, method)

    wrap("startTest", "start")
    for name, outcome in outcomes.items():
        wrap(name, outcome)
    add_sub_test = results.addSubTest

    def addSubTest(self, test, subtest, error):
        if type(self) is results and error is not None:
            log.write("subtest", identify(test), text_of(error))
        return add_sub_test(self, test, subtest, error)

    results.addSubTest = addSubTest


def count_probes(code):
    count = 0
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            count += count_probes(constant)
        elif type(constant).__module__ == "_pyrewrite":
            count += 1
    return count


def count_all_probes():
    return sum(count_probes(obj.__code__) for obj in gc.get_objects() if type(obj) is types.FunctionType)


def main():
    log = Log(sys.argv[1])
    sys.argv = ["regrtest"] + sys.argv[2:]
    # As with `python -m test`: the script's folder is not on the path.
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != FOLDER]
    from test.libregrtest.main import main as regrtest

    observe(result_class(), log)
    try:
        regrtest()
    finally:
        log.write("probes", count_all_probes())


if __name__ == "__main__":
    main()
