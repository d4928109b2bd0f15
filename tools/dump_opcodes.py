"""Prints what the running interpreter says about its bytecode, as JSON: facts only, in a fixed order.

    python3.12 tools/dump_opcodes.py > src/opcodes/dumps/cpython-3.12.json

tools/generate.ts turns the dumps into src/opcodes/generated. Runs on CPython 3.8 and later, standard library only.
"""
import dis
import importlib.util
import json
import marshal
import opcode
import sys

PROBED_OPARGS = range(2048)
NAMES = tuple("n%d" % i for i in range(1024))


def opcode_list(name):
    """A list of the opcode module that only some versions have, e.g. _nb_ops."""
    return list(getattr(opcode, name, None) or ())


def caches_of(opname, number):
    """Inline cache entries: nothing before 3.11, a list by opcode up to 3.12, then a mapping by name."""
    entries = getattr(opcode, "_inline_cache_entries", {})
    if isinstance(entries, list):
        return entries[number] if number < len(entries) else 0
    return entries.get(opname, 0)


def takes_oparg(number):
    """Whether the oparg means something."""
    has_arg = getattr(opcode, "hasarg", None)
    return number >= opcode.HAVE_ARGUMENT if has_arg is None else number in has_arg


def effects(number, jump):
    """dis.stack_effect for every probed oparg; None where the interpreter refuses to say."""
    try:
        if not takes_oparg(number) and number < opcode.HAVE_ARGUMENT:
            return [dis.stack_effect(number, None, jump=jump)] * len(PROBED_OPARGS)
        return [dis.stack_effect(number, oparg, jump=jump) for oparg in PROBED_OPARGS]
    except ValueError:
        return None


def candidate_shapes(values):
    """Shapes of src/opcodes/types.ts that could describe the values, simplest first."""
    base, step = values[0], values[1] - values[0]
    yield base
    yield ["linear", base, step]
    for bit in range(8):
        yield ["bit", base, 1 << bit, values[1 << bit] - base]
    yield ["popcount", base, 15, step]
    yield from (["equals", base, i, values[i] - base] for i in range(16))
    yield ["unpack-ex"]


def evaluate(shape, oparg):
    """The stack effect that a shape gives; src/opcodes/stack-effect.ts says the same in TypeScript."""
    if isinstance(shape, int):
        return shape
    kind, operands = shape[0], shape[1:]
    if kind == "unpack-ex":
        return (oparg & 255) + (oparg >> 8)
    base, x, *k = operands
    if kind == "linear":
        return base + x * oparg
    if kind == "bit":
        return base + k[0] if oparg & x else base
    if kind == "popcount":
        return base + k[0] * bin(oparg & x).count("1")
    return base + k[0] if oparg == x else base


def shape_of(values):
    """The shape that fits every probed oparg; the values themselves where none does (the generator refuses them)."""
    if values is None:
        return None
    for shape in candidate_shapes(values):
        if all(evaluate(shape, oparg) == values[oparg] for oparg in PROBED_OPARGS):
            return shape
    return values


def argvals(number, opargs):
    """What dis makes of opargs, up to the first that means nothing: pairs (offset of the instruction, argval)."""
    code = compile("", "", "exec")
    cache = bytes(2 * caches_of(opcode.opname[number], number))
    for oparg in opargs:
        units = bytes([opcode.EXTENDED_ARG, oparg >> 8, number, oparg & 255]) + cache
        patched = code.replace(co_code=bytes(units), co_names=NAMES)
        try:
            instruction = [found for found in dis.get_instructions(patched) if found.opcode == number][0]
        except IndexError:
            return
        yield instruction.offset, instruction.argval


def operand_shift(number):
    """Low bits of the oparg that are flags and not part of the index into co_names or cmp_op."""
    if number in opcode.hasname:
        meanings = {name: index for index, name in enumerate(NAMES)}
    elif number in opcode.hascompare:
        meanings = {text: index for index, text in enumerate(opcode.cmp_op)}
        meanings.update({"bool(%s)" % text: index for text, index in list(meanings.items())})
    else:
        return 0
    indexes = [meanings[argval] for _, argval in argvals(number, range(96))]
    for shift in range(8):
        if all(index == oparg >> shift for oparg, index in enumerate(indexes)):
            return shift
    raise SystemExit("no shift explains the operand of %s: %s" % (opcode.opname[number], indexes))


def jump_facts(number):
    """Where dis says that a jump goes: absolute, or relative to the end of the instruction; and bytes per oparg unit."""
    if number not in opcode.hasjrel and number not in opcode.hasjabs:
        return {}
    (offset, first), (_, second) = list(argvals(number, (256, 257)))
    end = offset + 2 + 2 * caches_of(opcode.opname[number], number)
    unit = second - first
    origin = "start" if first == 256 * unit else "end" if first - 256 * unit == end else "unknown"
    return {"jump": {"from": origin, "unit": unit}}


def describe(opname, number):
    """Everything dis, opcode and _opcode know about one opcode."""
    fact = {"opcode": number, "opname": opname, "caches": caches_of(opname, number), "takesOparg": takes_oparg(number)}
    lists = ("hasconst", "hasname", "hasfree", "haslocal", "hascompare", "hasjrel", "hasjabs", "hasexc")
    fact["lists"] = [name for name in lists if number in getattr(opcode, name, ())]
    if number < 256:
        fact["effect"] = shape_of(effects(number, False))
        fact["jumpEffect"] = shape_of(effects(number, True))
        if not opname.startswith("INSTRUMENTED_"):
            fact["operandShift"] = operand_shift(number)
            fact.update(jump_facts(number))
    return fact


def dump():
    """All facts, one opcode per line so that two versions can be compared line by line."""
    header = {
        "version": "%d.%d" % sys.version_info[:2],
        "magic": int.from_bytes(importlib.util.MAGIC_NUMBER[:2], "little"),
        "cacheTag": sys.implementation.cache_tag,
        "marshalVersion": marshal.version,
        "haveArgument": opcode.HAVE_ARGUMENT,
        "extendedArg": opcode.EXTENDED_ARG,
        "cmpOps": list(opcode.cmp_op),
        "nbOps": opcode_list("_nb_ops"),
        "intrinsics1": opcode_list("_intrinsic_1_descs"),
        "intrinsics2": opcode_list("_intrinsic_2_descs"),
        "specialMethods": opcode_list("_special_method_names"),
        "commonConstants": [repr(value) for value in opcode_list("_common_constants")],
    }
    opcodes = [json.dumps(describe(*item)) for item in sorted(opcode.opmap.items(), key=lambda item: item[1])]
    lines = ["%s: %s" % (json.dumps(key), json.dumps(value)) for key, value in header.items()]
    lines.append('"opcodes": [\n    ' + ",\n    ".join(opcodes) + "\n  ]")
    return "{\n  " + ",\n  ".join(lines) + "\n}"


print(dump())
