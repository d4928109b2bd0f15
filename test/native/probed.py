"""Hand-made instrumented modules for the tests of the runtime, with no rewriter.

In the source, `-"P0"` opens and `~"P0"` closes the operation of site P0 ("A0" for an await). Unary operators on
strings are not folded by any compiler; here the strings become the placeholder 0, and b"TABLE" the site table.
The sites of one code object must be mentioned first of all constants and together: `if SKIP: -"P0"; -"P1"`.
"""
import hashlib
import struct
import sys
import types

PROLOGUE = """
try:
    import _pyrewrite
    _pyrewrite.attach_1 - b"TABLE"
except Exception:
    pass
SKIP = False
"""


class Strings:
    def __init__(self):
        self.data = struct.pack("<I", 0)
        self.offsets = {"": 0}

    def add(self, text):
        if text not in self.offsets:
            self.offsets[text] = len(self.data)
            encoded = text.encode("utf-8", "surrogatepass")
            self.data += struct.pack("<I", len(encoded)) + encoded
        return self.offsets[text]


def is_site(const):
    return isinstance(const, str) and const[:1] in ("P", "A") and const[1:].isdigit()


def walk(code, parent, const_index, found):
    """Code records in order, parents first: [code, parent, const_index, first_const, sites]."""
    positions = [i for i, c in enumerate(code.co_consts) if is_site(c)]
    assert positions == list(range(positions[0], positions[-1] + 1)) if positions else True, code.co_consts
    index = len(found)
    found.append([code, parent, const_index, positions[0] if positions else 0, [code.co_consts[i] for i in positions]])
    for i, const in enumerate(code.co_consts):
        if isinstance(const, types.CodeType):
            walk(const, index, i, found)


def table_for(records, python=None, edit=None, flags=0):
    """The bytes of the site table."""
    strings = Strings()
    codes, sites = b"", b""
    first_site = 0
    for code, parent, const_index, first_const, names in records:
        qualname = strings.add(getattr(code, "co_qualname", code.co_name))
        codes += struct.pack("<8I", parent, const_index, first_const, first_site, len(names), qualname,
                             code.co_firstlineno, 0)
        for name in names:
            sites += struct.pack("<HBBIiiiiII", 106, int(name[0] == "A"), 0, strings.add(name), code.co_firstlineno,
                                 code.co_firstlineno, 4, 8, strings.add("LOAD_ATTR"), 0)
        first_site += len(names)
    codes_offset = 64
    sites_offset = codes_offset + len(codes)
    strings_offset = sites_offset + len(sites)
    body = codes + sites + strings.data
    version = python if python is not None else sys.version_info[0] << 8 | sys.version_info[1]
    head = b"PYRWSITE" + struct.pack("<10I", 1, 64 + len(body), len(records), codes_offset, first_site, sites_offset,
                                     strings_offset, len(strings.data), version, flags)
    table = head + hashlib.sha1(body).digest()[:8] + bytes(8) + body
    return edit(table) if edit else table


def replace_constants(code, table):
    consts = []
    for const in code.co_consts:
        if is_site(const):
            consts.append(0)
        elif const == b"TABLE":
            consts.append(table)
        elif isinstance(const, types.CodeType):
            consts.append(replace_constants(const, table))
        else:
            consts.append(const)
    return code.replace(co_consts=tuple(consts))


def probed(source, filename="/nowhere/module.py", **options):
    """The code object of an instrumented module."""
    code = compile(PROLOGUE + source, filename, "exec")
    records = []
    walk(code, 0xFFFFFFFF, 0, records)
    return replace_constants(code, table_for(records, **options))


def run(source, filename="/nowhere/module.py", namespace=None, **options):
    """Executes an instrumented module and gives its namespace."""
    namespace = {"__name__": "module"} if namespace is None else namespace
    exec(probed(source, filename, **options), namespace)
    return namespace
