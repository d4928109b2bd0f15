"""Sampled code whose gates are jumped over while no window is open, looked at from inside.

usage: python shortcuts_of.pyc SECONDS

SECONDS of CPU time are enough for whatever has to happen now and then: what takes less ends sooner.
Prints what it found as JSON. At the end a tool begins to watch.
"""
import gc
import json
import marshal
import opcode
import sys
import threading
import time

NOP, JUMP = (opcode.opmap[name] for name in ("NOP", "JUMP_FORWARD"))


def hot(rows):
    total = 0
    for row in rows:
        total += row * 2
    return total


def copy_of(text):
    return bytes(bytearray(text))


TEXT = copy_of(hot.__code__.co_code)  # up to 3.10 it is what runs


def make_many(count):
    """Functions with code objects of their own, more than there can be shortcuts."""
    code = hot.__code__
    return [type(hot)(code.replace(co_name="hot%d" % k, co_code=copy_of(TEXT)), globals()) for k in range(count)]


def running_code(code):
    return getattr(code, "_co_code_adaptive", code.co_code)


def gates_of(code):
    """Which instruction each gate begins with."""
    lists = [k for k, constant in enumerate(code.co_consts) if type(constant) is list]
    text, found = running_code(code), []
    for at in range(0, len(text) - 3, 2):
        begins = text[at] in (NOP, JUMP) and text[at + 1] > 0
        if begins and text[at + 3] in lists:
            found.append(text[at])
    return found


def jumps_in(code):
    return gates_of(code).count(JUMP)


def run_until(seconds, condition, work):
    end = time.process_time() + seconds
    while time.process_time() < end:
        if condition():
            return True
        work()
    return False


def lasts(least, is_enough, seconds):
    """Goes on for so many seconds of CPU time at least, until there is enough, or for too long."""
    begin = time.process_time()
    while True:
        passed = time.process_time() - begin
        if passed > seconds or (passed > least and is_enough()):
            return
        yield


def check_sameness(facts, seconds):
    """Code keeps its hash, its equality and its text while gates come and go."""
    code, rows = hot.__code__, list(range(30))
    other, first = code.replace(co_code=copy_of(TEXT)), hash(code)
    known, checks, changes, before = {code: 1}, 0, 0, None
    for _ in lasts(0.3, lambda: checks > 100 and changes > 2, seconds):
        hot(rows)
        now = jumps_in(code)
        changes += now != before
        before = now
        assert hash(code) == first == hash(other)
        assert code == other and other == code and not code != other and known[code] == 1
        if sys.version_info >= (3, 11):
            assert code.co_code == TEXT
        checks += 1
    facts["checks"], facts["changes"] = checks, changes


def check_deaths(facts, seconds):
    """Code that dies while it has shortcuts leaves nothing behind that is written to."""
    rows, died = list(range(40)), 0
    for _ in lasts(0.2, lambda: died > 20, seconds):
        for function in make_many(20):
            for _ in range(6):
                function(rows)
        died += 20
        gc.collect()
    facts["died"] = died


def check_many(facts, seconds):
    """More gates than there is room for: all of them go on to be right."""
    many, rows, rounds, most = make_many(400), list(range(25)), 0, 0
    for _ in lasts(0.4, lambda: rounds > 2 and most > 0, seconds):
        assert {function(rows) for function in many} == {600}
        most = max(most, *(jumps_in(function.__code__) for function in many))
        rounds += 1
    facts["rounds"], facts["jumps of many"] = rounds, most


def check_threads():
    rows, ends = list(range(50)), time.process_time() + 0.2

    def work():
        while time.process_time() < ends:
            assert hot(rows) == 2450

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def send(function, argument):
    """What a function gives in another interpreter, which gets its code, where there are such."""
    try:
        from concurrent import interpreters
    except ImportError:
        return function(argument)
    other = interpreters.create()
    try:
        return other.call(function, argument)
    finally:
        other.close()


def watch():
    if hasattr(sys, "monitoring"):
        sys.monitoring.use_tool_id(sys.monitoring.DEBUGGER_ID, "test")
    else:
        sys.settrace(lambda *_: None)
        sys.settrace(None)


def main(seconds):
    facts, rows = {}, list(range(1000))
    facts["gates"] = len(gates_of(hot.__code__))
    facts["found"] = run_until(seconds, lambda: jumps_in(hot.__code__) > 0, lambda: hot(rows))
    if facts["found"]:
        facts["marshalled"] = marshal.loads(marshal.dumps(hot.__code__)).co_code == TEXT
        facts["sent"] = send(hot, (1, 2, 3))
        check_sameness(facts, seconds)
        check_deaths(facts, seconds)
        check_many(facts, seconds)
        check_threads()
    run_until(seconds, lambda: jumps_in(hot.__code__) > 0, lambda: hot(rows))
    watch()
    facts["left"] = jumps_in(hot.__code__)
    run_until(0.1, lambda: False, lambda: hot(rows))
    facts["later"] = jumps_in(hot.__code__)
    print(json.dumps(facts))


if __name__ == "__main__":  # or what could not be sent is looked for here
    main(float(sys.argv[1]))
else:
    print("run again as", __name__)
