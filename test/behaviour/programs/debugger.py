# orphaned not 3.9: the runtime leaves out what the interpreter tells of the probes' handlers
"""pdb: a scripted session that steps, sets breakpoints, looks around, goes up and down."""
import io
import pdb
import re
import sys


def helper(value):
    doubled = value * 2
    return doubled


def generator():
    yield 1
    yield helper(2)


class Thing:
    def __init__(self):
        self.value = 1

    def __add__(self, other):
        result = self.value + other
        return result


def work(limit):
    total = 0
    for number in range(limit):
        if number % 2:
            total += helper(number)
        else:
            total -= 1
    with open(__file__, "rb") as file:
        size = len(file.read(10))
    total += sum(x for x in generator())
    try:
        total += Thing() + 1
        total += {}["missing"]
    except KeyError as error:
        caught = error
    finally:
        total += 100
    squares = [n * n for n in range(3)]
    return (
        total
        + size
        + sum(squares)
    )


COMMANDS = """
    step step step next next p total number step step args up where down return
    next step next next next
    break helper
    continue p value return
    continue
    clear 1
    until
    next next step step return
    next next next next next next next next next step next
    display total
    next next next next
    longlist
    p sorted(locals())
    continue
"""


def session(commands, action, *arguments):
    output = io.StringIO()
    lines = "\n".join(commands) + "\nquit\n"
    debugger = pdb.Pdb(stdin=io.StringIO(lines), stdout=output, nosigint=True, readrc=False)
    try:
        debugger.runcall(action, *arguments)
    except BaseException as error:
        output.write(f"\nended with {type(error).__name__}\n")
    text = re.sub(r"0x[0-9a-f]+", "0x", output.getvalue())
    print(re.sub(r"\(Pdb\) ", "(Pdb)\n", text))
    sys.settrace(None)


def words(text):
    joined = re.sub(r"\b(p|break|clear|display) (\S+)", lambda m: m.group(0).replace(" ", "_", 1), text)
    return [word.replace("_", " ", 1) if word.split("_")[0] in ("p", "break", "clear", "display") else word for word in joined.split()]


session(words(COMMANDS), work, 4)
session(["step"] * 120, work, 2)
session(["next"] * 40, work, 3)
session(["break work:1" if False else "tbreak helper", "continue", "jump 1", "jump 12", "next", "next", "retval", "next"], work, 2)
session(["step"] * 15 + ["return"] * 5, lambda: [helper(x) for x in range(3)])
session(["step"] * 6 + ["until"] * 4 + ["continue"], work, 3)
