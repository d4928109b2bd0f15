"""Prints what the running interpreter does where src/opcodes/versions.ts states a trait; see traits.test.ts."""
import dis
import io
import json
import marshal
import sys
import sysconfig

# bytes of code and location entries are counted over a real module
SOURCE = open(sysconfig.get_path("stdlib") + "/argparse.py").read()


def nested(blocks):
    """Source of a function with that many nested try blocks."""
    lines = ["def f():"]
    lines += ["    " * (i + 1) + "try:" for i in range(blocks)]
    lines += ["    " * (blocks + 1) + "pass"]
    lines += ["    " * (i + 1) + "finally: pass" for i in reversed(range(blocks))]
    return "\n".join(lines)


def compiles(source):
    try:
        compile(source, "", "exec")
        return True
    except SyntaxError:
        return False


def all_codes(code):
    yield code
    for const in code.co_consts:
        if hasattr(const, "co_code"):
            yield from all_codes(const)


def location_format(code):
    if hasattr(code, "co_positions"):
        return "locations"
    return "linetable" if hasattr(code, "co_linetable") else "lnotab"


def unit_starts(code):
    """First code unit of every instruction, its EXTENDED_ARG included."""
    starts, extended = [], False
    for instruction in dis.get_instructions(code):
        if not extended:
            starts.append(instruction.offset // 2)
        extended = instruction.opname == "EXTENDED_ARG"
    return starts


def chunks(bounds):
    """Location entries of at most 8 units each for stretches between bounds."""
    return sum((end - start + 7) // 8 for start, end in zip(bounds, bounds[1:]))


def location_entries(code):
    """Entries in the table, entries with one per instruction, entries with one per run of equal positions."""
    units = len(code.co_code) // 2
    starts = unit_starts(code)
    positions = list(code.co_positions())
    runs = [start for i, start in enumerate(starts) if i == 0 or positions[start] != positions[starts[i - 1]]]
    return sum(byte >> 7 for byte in code.co_linetable), chunks(starts + [units]), chunks(runs + [units])


def merges_equal_locations():
    """Whether equal neighbours share an entry; the two older formats have one entry per line by their nature."""
    module = compile(SOURCE, "argparse.py", "exec")
    codes = list(all_codes(module))
    if not hasattr(module, "co_positions"):
        table = "co_linetable" if hasattr(module, "co_linetable") else "co_lnotab"
        return all(len(getattr(code, table)) // 2 <= len(unit_starts(code)) for code in codes), len(codes)
    counted = [location_entries(code) for code in codes]
    if all(entries == runs for entries, _, runs in counted):
        return True, len(codes)
    return False if all(entries == single for entries, single, _ in counted) else "neither", len(codes)


def varint(value, first):
    """A number as the exception table has it: six bits a byte, the most significant first."""
    parts = [value & 63]
    while value > 63:
        value >>= 6
        parts.insert(0, value & 63 | 64)
    parts[0] |= 128 if first else 0
    return bytes(parts)


def entry(start, end, target, depth, lasti):
    numbers = (start // 2, (end - start) // 2, target // 2, depth << 1 | lasti)
    return b"".join(varint(number, i == 0) for i, number in enumerate(numbers))


def caught(shift):
    """How many of 60 exceptions out of a Python function a handler catches whose range starts at the call, or before."""
    def caller(callee):
        try:
            callee()
        except ZeroDivisionError:
            return True

    def callee():
        1 / 0
    if not hasattr(caller.__code__, "co_exceptiontable"):
        return None
    instructions = list(dis.get_instructions(caller))
    index = [i for i, found in enumerate(instructions) if found.opname == "CALL"][0]
    start, end = instructions[index].offset, instructions[index + 1].offset
    table = b"".join(
        entry(start + shift, end, e.target, e.depth, e.lasti) if e.start <= start < e.end else entry(*e)
        for e in dis._parse_exception_table(caller.__code__))
    caller.__code__ = caller.__code__.replace(co_exceptiontable=table)
    return sum(attempt(caller, callee) for _ in range(60))


def attempt(caller, callee):
    try:
        return caller(callee)
    except ZeroDivisionError:
        return False


def fields_match(fields):
    """Whether the code object's fields follow TYPE_CODE in this order. Format 2 has no back references."""
    def example(a, b, /, c, *args, d=1, **kwargs):
        x = lambda: a
        return [x for y in b]
    code = example.__code__
    stream = io.BytesIO(marshal.dumps(code, 2))
    assert stream.read(1) == b"c"
    compared = 0
    for name in fields:
        small = name in ("co_argcount", "co_posonlyargcount", "co_kwonlyargcount", "co_nlocals", "co_stacksize",
                         "co_flags", "co_firstlineno")
        value = int.from_bytes(stream.read(4), "little") if small else marshal.load(stream)
        if hasattr(code, name) and not (name == "co_lnotab" and hasattr(code, "co_linetable")):
            if value != getattr(code, name):
                return "%s is %r" % (name, value)
            compared += 1
    return compared if stream.read() == b"" else "data are left over"


def handler_pushes():
    """Values that an exception pushes for its handler, as the compiler counts them."""
    number = dis.opmap.get("SETUP_FINALLY")
    if number is None:
        return None
    try:
        return dis.stack_effect(number, 0, jump=True)
    except ValueError:
        return dis.stack_effect(number, None, jump=True)


def lines_when_stepping_back():
    """How many lines tracers are told of where control jumps ahead and back again within one line."""
    def template():
        return None
    back = "JUMP_BACKWARD_NO_INTERRUPT"
    names = ["JUMP_FORWARD", "LOAD_CONST", "RETURN_VALUE", back if back in dis.opmap else "JUMP_ABSOLUTE"]
    names = ["RESUME"] * ("RESUME" in dis.opmap) + names
    sizes = {name: 1 + (getattr(dis, "_inline_cache_entries", None) or {}).get(name, 0)
             if isinstance(getattr(dis, "_inline_cache_entries", None), dict) else 1 for name in names}
    starts, at = {}, 0
    for name in names:
        starts[name] = at
        at += sizes[name]
    unit = 2 if sys.version_info < (3, 10) else 1
    opargs = {"RESUME": 0, "LOAD_CONST": template.__code__.co_consts.index(None), "RETURN_VALUE": 0,
              "JUMP_FORWARD": (starts[names[-1]] - starts["LOAD_CONST"]) * unit,
              back: at - starts["LOAD_CONST"], "JUMP_ABSOLUTE": starts["LOAD_CONST"] * unit}
    body = b"".join(bytes((dis.opmap[name], opargs[name])) + bytes(2 * sizes[name] - 2) for name in names)
    table = "co_linetable" if hasattr(template.__code__, "co_linetable") else "co_lnotab"
    whole = {"co_lnotab": b"", "co_linetable": bytes((len(body), 0))}[table]
    if hasattr(template.__code__, "co_positions"):
        whole = bytes((0xE8 | at - 1, 0))
    template.__code__ = template.__code__.replace(co_code=body, **{table: whole})
    lines = []

    def trace(frame, event, argument):
        if event == "line":
            lines.append(frame.f_lineno)
        return trace if frame.f_code is template.__code__ else None
    sys.settrace(trace)
    template()
    sys.settrace(None)
    return len(lines)


print(json.dumps({
    "linesWhenSteppingBack": lines_when_stepping_back(),
    "locationFormat": location_format(compile("", "", "exec")),
    "mergesEqualLocations": merges_equal_locations(),
    "hasExceptionTable": hasattr(compile("", "", "exec"), "co_exceptiontable"),
    "handlerPushes": handler_pushes(),
    "nestedBlocks": [blocks for blocks in (19, 20, 21) if compiles(nested(blocks))],
    "caughtFromCall": caught(0),
    "caughtFromBefore": caught(-2),
    "fields": fields_match(sys.argv[1:]),
}))
