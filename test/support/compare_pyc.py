"""Loads pairs of .pyc files and compares the code objects, field by field.

Standard input: {"pairs": [[original, copy], …], "constants": N}; the copy's co_consts has N more items at the
end, each EXPECTED. Prints {"files": …, "codes": …}; any difference is an exception.
"""

import json
import marshal
import struct
import sys
from types import CodeType

EXPECTED = (
    ("probe", "\ud800\u00e9", "name", "\u00e9" * 300),
    (0, -(2**31), 2**31, -(2**70), -0.0),
    b"\x00\xff",
    None,
    ("probe", "\ud800\u00e9", "name", "\u00e9" * 300),
)
FIELDS = [name for name in dir(CodeType) if name.startswith("co_") and not callable(getattr(CodeType, name))]
if "co_linetable" in FIELDS and "co_lnotab" in FIELDS:
    FIELDS.remove("co_lnotab")  # computed, and deprecated


class Comparison:
    def __init__(self, constants):
        self.constants = constants
        self.codes = 0

    def same(self, one, two, where):
        if type(one) is not type(two):
            raise AssertionError("%s: %r is not %r" % (where, one, two))
        if isinstance(one, CodeType):
            self.same_code(one, two, where)
        elif isinstance(one, tuple):
            if len(one) != len(two):
                raise AssertionError("%s: %d items, not %d" % (where, len(one), len(two)))
            for index, (a, b) in enumerate(zip(one, two)):
                self.same(a, b, "%s[%d]" % (where, index))
        elif isinstance(one, float):
            if struct.pack("d", one) != struct.pack("d", two):
                raise AssertionError("%s: %r is not %r" % (where, one, two))
        elif one != two:
            raise AssertionError("%s: %r is not %r" % (where, one, two))

    def same_code(self, one, two, where):
        self.codes += 1
        for name in FIELDS:
            a, b = getattr(one, name), getattr(two, name)
            if name == "co_consts" and self.constants:
                for constant in b[-self.constants :]:
                    self.same(EXPECTED, constant, where)
                b = b[: -self.constants]
            self.same(a, b, "%s.%s" % (where, name))


def load(path):
    with open(path, "rb") as file:
        return marshal.loads(file.read()[16:])


def main():
    job = json.load(sys.stdin)
    comparison = Comparison(job["constants"])
    for original, copy in job["pairs"]:
        comparison.same(load(original), load(copy), original)
    print(json.dumps({"files": len(job["pairs"]), "codes": comparison.codes}))


main()
