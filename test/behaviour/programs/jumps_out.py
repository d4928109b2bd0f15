"""frame.f_lineno = n out of `with` blocks, as debuggers do it: the values of the block are dropped, too."""
import asyncio
import sys

CALLS = []


class Manager:
    def __init__(self, name):
        self.name = name

    def __enter__(self):
        CALLS.append(f"enter {self.name}")

    def __exit__(self, *error):
        CALLS.append(f"exit {self.name} {error[0]}")

    async def __aenter__(self):
        CALLS.append(f"aenter {self.name}")

    async def __aexit__(self, *error):
        CALLS.append(f"aexit {self.name} {error[0]}")


def in_finally(log):
    try:
        log.append(2)
    finally:
        log.append(4)
        with Manager("finally"):
            log.append(6)
        log.append(7)
    log.append(8)


def in_loop(log):
    for i in range(3):
        with Manager(i), Manager("inner"):
            log.append(3)
        log.append(4)
    log.append(5)


def in_with(log):
    with Manager("outer"):
        with Manager("inner"):
            log.append(3)
        log.append(4)
    log.append(5)


async def asynchronous(log):
    try:
        log.append(2)
    finally:
        async with Manager("async"):
            log.append(5)
        log.append(6)
    log.append(7)


def long_lines(log):
    with Manager("long"):
        log.append(2); log.append(2); log.append(2); log.append(2); log.append(2); log.append(2); log.append(2)
    log.append(3)
    try:
        log.append(5); log.append(5); log.append(5); log.append(5); log.append(5); log.append(5); log.append(5)
        log.append(6)
    except ValueError:
        log.append(8)
    for i in range(2):
        log.append(10); log.append(10); log.append(10); log.append(10); log.append(10); log.append(10); log.append(10)
        log.append(11)
    log.append(12)


def tracer(code, jumps):
    def trace(frame, event, argument):
        if frame.f_code is not code:
            return None
        line = frame.f_lineno - code.co_firstlineno
        if event == "line" and jumps and jumps[0][0] == line:
            _, target = jumps.pop(0)
            try:
                frame.f_lineno = code.co_firstlineno + target
            except ValueError as error:
                CALLS.append(f"refused {line} {target}")
        return trace
    return trace


def run(function, *jumps):
    CALLS.clear()
    log = []
    sys.settrace(tracer(function.__code__, list(jumps)))
    try:
        result = function(log)
        if asyncio.iscoroutine(result):
            try:
                result.send(None)
            except StopIteration as error:
                result = error.value
        log.append(result)
    except Exception as error:
        log.append(repr(error))
    sys.settrace(None)
    print(function.__name__, jumps, log, CALLS)


for turn in range(3):
    run(in_finally, (6, 7))
    run(in_loop, (3, 4))
    run(in_loop, (3, 5))
    run(in_loop, (3, 4), (3, 4), (3, 5))
    run(in_with, (3, 4))
    run(in_with, (3, 5))
    run(asynchronous, (6, 7))
    run(asynchronous, (6, 5))
    for jump in ((3, 2), (12, 5), (12, 10), (6, 5), (11, 10), (3, 10), (5, 3), (3, 5), (11, 5), (11, 2), (11, 12),
                 (10, 12)):
        run(long_lines, jump)
