"""Loads pairs of .pyc files, the second instrumented, and compares the code objects.

Standard input: {"pairs": [[original, instrumented], …]}. Prints what was compared as one JSON object; any
difference that instrumenting may not make is an exception.
"""

import dis
import json
import marshal
import sys
from types import CodeType

# What depends on the instructions; the constants are compared one by one.
REWRITTEN = {
    "co_code",
    "co_consts",
    "co_exceptiontable",
    "co_linetable",
    "co_lnotab",
    "co_stacksize",
}
FIELDS = [name for name in dir(CodeType) if name.startswith("co_") and not callable(getattr(CodeType, name))]
if "co_linetable" in FIELDS and "co_lnotab" in FIELDS:
    FIELDS.remove("co_lnotab")  # computed, and deprecated
    REWRITTEN.remove("co_lnotab")
KEPT = [name for name in FIELDS if name not in REWRITTEN]
RUNTIME_NAMES = ("_pyrewrite", "attach_1")
counts = {"files": 0, "codes": 0, "probed": 0, "placeholders": 0, "unprobed": 0, "positions": 0}


def positions(code):
    """Source positions that the code names."""
    if hasattr(code, "co_positions"):
        return {position for position in code.co_positions() if position[0] is not None}
    return {line for _, line in dis.findlinestarts(code)}


def require(condition, where, what):
    if not condition:
        raise AssertionError("%s: %s" % (where, what))


def compare(one, two, where, module, places):
    counts["codes"] += 1
    nested, added = compare_constants(one, two, where, places)
    for name in KEPT:
        a, b = getattr(one, name), getattr(two, name)
        if name == "co_names" and module and added:
            require(b[-2:] == RUNTIME_NAMES, where, "co_names ends with %r" % (b[-2:],))
            b = b[:-2]
        require(a == b, where, "%s was %r and is %r" % (name, a, b))
    require(two.co_stacksize >= one.co_stacksize, where, "co_stacksize shrank")
    if not added:
        for name in REWRITTEN - {"co_consts"}:
            require(getattr(one, name, None) == getattr(two, name, None), where, "no probe, but another " + name)
        counts["unprobed"] += 1
        return nested
    counts["probed"] += 1
    counts["placeholders"] += added
    a, b = positions(one), positions(two)
    require(a == b, where, "positions %r came or went" % (a ^ b,))
    counts["positions"] += len(a)
    return nested


def compare_constants(one, two, where, places):
    """The pairs of nested code objects, and how many constants were added; `places` may be numbers that tell where operands are."""
    a, b = one.co_consts, two.co_consts
    added = len(b) - len(a)
    require(added >= 0, where, "constants went")
    nested = []
    for index, (left, right) in enumerate(zip(a, b)):
        if isinstance(left, CodeType):
            require(isinstance(right, CodeType), where, "constant %d is no code object any more" % index)
            nested.append((left, right))
        else:
            require(type(left) is type(right) and repr(left) == repr(right), where, "constant %d changed" % index)
    for constant in b[len(a) :]:
        # A slot, or a number of values from one on × 65,536.
        is_place = places and type(constant) is int and 0 <= constant <= 512 << 16
        is_placeholder = constant == () or type(constant) is int and constant == 0
        is_prologue = constant is None or (type(constant) is bytes and constant[:8] == b"PYRWSITE")
        require(is_placeholder or is_place or is_prologue, where, "%r was added" % (constant,))
    return nested, added


def load(path):
    with open(path, "rb") as file:
        return marshal.loads(file.read()[16:])


def main():
    for original, instrumented, places in json.load(sys.stdin)["pairs"]:
        counts["files"] += 1
        pairs = [(load(original), load(instrumented), True)]
        seen = {}  # by id; the values keep them alive
        tuples = {}
        while pairs:
            one, two, module = pairs.pop()
            if id(two) in seen:
                continue
            seen[id(two)] = two
            where = "%s:%d %s" % (original, one.co_firstlineno, one.co_name)
            pairs.extend((a, b, False) for a, b in compare(one, two, where, module, places))
            if len(two.co_consts) > len(one.co_consts):
                other = tuples.setdefault(id(two.co_consts), two)
                require(other is two, where, "placeholders shared with %s" % other.co_name)
    print(json.dumps(counts))


main()
