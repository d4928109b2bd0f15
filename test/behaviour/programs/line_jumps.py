# sampled not 3.8 3.9 3.10: on 3.8 copies are not where it looks for blocks; 3.9 and 3.10 give another reason for a refusal
"""frame.f_lineno = n, as debuggers do it: which jumps are allowed, and what runs then."""
import asyncio
import sys


class Manager:
    def __init__(self, log, name):
        self.log, self.name = log, name

    def __enter__(self):
        self.log.append(f"enter {self.name}")

    def __exit__(self, *error):
        self.log.append(f"exit {self.name}")

    async def __aenter__(self):
        self.log.append(f"aenter {self.name}")

    async def __aexit__(self, *error):
        self.log.append(f"aexit {self.name}")


def straight(log):
    log.append(1)
    log.append(2)
    x = [log, log.append]
    x[1](4)
    log.append(5)


def loop(log):
    log.append(1)
    for i in 1, 2:
        log.append(3)
        log.append(4)
    while i:
        i -= 1
        log.append(7)
    log.append(8)


def tries(log):
    log.append(1)
    try:
        log.append(3)
        log.append(4)
    except ValueError:
        log.append(6)
    except KeyError as error:
        log.append(8)
    else:
        log.append(10)
    finally:
        log.append(12)
    log.append(13)


def raises(log):
    try:
        log.append(2)
        raise ValueError
    except ValueError as error:
        log.append(5)
        log.append(6)
    log.append(7)


def bare(log):
    try:
        1 / 0
    except:
        log.append(4)
    log.append(5)


def withs(log):
    log.append(1)
    with Manager(log, "a"):
        log.append(3)
        with Manager(log, "b"):
            log.append(5)
    log.append(6)


def nested(log):
    for i in 1, 2:
        try:
            with Manager(log, i):
                log.append(4)
                if i:
                    log.append(6)
        finally:
            log.append(8)
    return log.append(9)


def branches(log):
    if log:
        log.append(2)
    elif not log:
        log.append(4)
    else:
        log.append(6)
    log.append([x for x in (7, 8) if x])
    log.append(8)


async def asynchronous(log):
    log.append(1)
    async with Manager(log, "a"):
        log.append(3)
    log.append(4)


def run(function, source, target):
    log = []
    code = function.__code__
    done = []

    def trace(frame, event, argument):
        if frame.f_code is not code:
            return None
        line = frame.f_lineno - code.co_firstlineno
        if event == "line" and line == source and not done:
            done.append(True)
            try:
                frame.f_lineno = code.co_firstlineno + target
            except ValueError as error:
                log.append(f"refused: {error}")
        return trace

    sys.settrace(trace)
    try:
        result = function(log)
        if hasattr(result, "send"):
            asyncio.run(result)
    except Exception as error:
        log.append(repr(error))
    finally:
        sys.settrace(None)
    print(function.__name__, source, "->", target, log)


# These two crash by themselves at jumps out of a handler.
CRASHES_IN_HANDLERS = ((3, 9), (3, 10))
HANDLERS = {raises: 4, bare: 3}
# Lines behind those that are longer than 255 bytes with probes.
LONG_LINES = ((withs, 5), (nested, 6), (asynchronous, 3))

for function, last in ((straight, 5), (loop, 8), (tries, 13), (raises, 7), (bare, 5), (withs, 6), (nested, 9), (branches, 8),
                       (asynchronous, 4)):
    for source in range(1, last + 1):
        for target in range(1, last + 1):
            if (function, source, target) == (loop, 8, 6):
                continue  # it would count down from 0 without an end
            if sys.version_info[:2] in CRASHES_IN_HANDLERS and source >= HANDLERS.get(function, 99):
                continue
            if sys.version_info[:2] == (3, 9) and (function, target) in LONG_LINES:
                continue  # accepted if the line is longer than 255 bytes, which it is with probes
            run(function, source, target)
