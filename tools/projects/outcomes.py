"""A pytest plugin that writes what became of every test to the file that PROJECT_OUTCOMES names.

One JSON array per line as it happens, so that a crash of the interpreter leaves what was there:
    ["start", id, ""]   ["passed" | "failed" | "skipped" | "xfailed" | "xpassed" | "error", id, text]
"""
import json
import os

PID = os.getpid()
FILE = os.open(os.environ["PROJECT_OUTCOMES"], os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
# The tests' own children are not to find it, nor to use this plugin.
del os.environ["PROJECT_OUTCOMES"]
LONGEST = 4000


def write(*record):
    if os.getpid() == PID:  # not a test's forked child that does not end
        os.write(FILE, (json.dumps(record) + "\n").encode())


def outcome_of(report):
    if hasattr(report, "wasxfail"):
        return "xfailed" if report.outcome == "skipped" else "xpassed"
    if report.when != "call" and report.outcome == "failed":
        return "error"
    return report.outcome


def pytest_runtest_logstart(nodeid):
    write("start", nodeid, "")


def pytest_runtest_logreport(report):
    if report.when == "call" or report.outcome != "passed":
        write(outcome_of(report), report.nodeid, str(report.longrepr or "")[-LONGEST:])


def pytest_collectreport(report):
    if report.outcome != "passed":
        outcome = "error" if report.outcome == "failed" else "skipped"
        write(outcome, report.nodeid + " (collecting)", str(report.longrepr or "")[-LONGEST:])
