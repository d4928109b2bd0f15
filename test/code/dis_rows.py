"""Prints what `dis` says about each code object of .pyc files, outermost first, as one JSON line per file.

Standard input: paths, one a line. A row is [offset, opname, oparg, jump target, line, meaning]; `line` is None
where there is none, `meaning` None where this `dis` tells none or tells it in other words.
"""

import dis
import json
import marshal
import sys
from types import CodeType

JUMPS = set(dis.hasjrel) | set(dis.hasjabs)
OTHER_WORDS = (CodeType, frozenset)


def codes(code, seen):
    if id(code) in seen:
        return
    seen[id(code)] = code
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from codes(constant, seen)


def is_plain(value):
    if isinstance(value, tuple):
        return all(is_plain(item) for item in value)
    return not isinstance(value, OTHER_WORDS)


def meaning(instruction):
    if instruction.arg is None or instruction.opcode in JUMPS:
        return None
    if instruction.opcode in dis.hasconst:
        plain = is_plain(instruction.argval) and repr(instruction.argval) != "<unknown>"
        return repr(instruction.argval) if plain else None
    if instruction.opcode in dis.hasname:
        return instruction.argval
    return instruction.argrepr or None


def lines_of(code):
    """Line of each offset; None where it has none."""
    if hasattr(code, "co_lines"):
        return {offset: line for start, end, line in code.co_lines() for offset in range(start, end, 2)}
    starts, line, lines = dict(dis.findlinestarts(code)), None, {}
    for offset in range(0, len(code.co_code), 2):
        line = lines[offset] = starts.get(offset, line)
    return lines


def rows(code):
    lines = lines_of(code)
    for i in dis.get_instructions(code):
        target = i.argval if i.opcode in JUMPS else None
        yield [i.offset, i.opname, i.arg, target, lines[i.offset], meaning(i)]


def main():
    for path in sys.stdin.read().splitlines():
        with open(path, "rb") as file:
            code = marshal.loads(file.read()[16:])
        print(json.dumps([list(rows(one)) for one in codes(code, {})]))


main()
