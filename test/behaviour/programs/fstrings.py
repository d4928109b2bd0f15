"""f-strings: conversions, nested specs, evaluation order, failures."""
import datetime
import sys


class Formats:
    def __init__(self, name):
        self.name = name

    def __format__(self, spec):
        print("format", self.name, repr(spec))
        return f"<{self.name}:{spec}>"

    def __str__(self):
        return f"str {self.name}"

    def __repr__(self):
        return f"répr {self.name}"


class Bad(Formats):
    def __format__(self, spec):
        return 5


a, b, width, precision = Formats("a"), Formats("b"), 12, 3


def attempt(function):
    try:
        print(function.__code__.co_firstlineno, function())
    except Exception as error:
        print(function.__code__.co_firstlineno, type(error).__name__, error)


for function in (
    lambda: f"", lambda: f"plain", lambda: f"{a}", lambda: f"{a}{b}", lambda: f"x{a}y{b}z", lambda: f"{a!r}", lambda: f"{a!s:>12}",
    lambda: f"{a!a}", lambda: f"{a:spec}", lambda: f"{a:{width}}", lambda: f"{a:{width}.{precision}}", lambda: f"{3.14159:{width}.{precision}f}",
    lambda: f"{a=}", lambda: f"{a = !s}", lambda: f"{width + 1 = :>5}", lambda: f"{'nested' + f'{b}'}", lambda: f"{{}}{a}{{", lambda: f"{None}",
    lambda: f"{1:x} {255:#06x} {1e10:,} {0.5:%}", lambda: f"{datetime.date(2020, 1, 2):%d.%m.%Y}", lambda: f"{[x for x in range(3)]}",
    lambda: f"{(lambda x: x * 2)(5)}", lambda: f"{ {'k': 1}['k'] }", lambda: f"{a if width else b}", lambda: f"{a and b}", lambda: f"{not a}",
    lambda: f"{undefined}", lambda: f"{1 / 0}", lambda: f"{'x':d}", lambda: f"{1:z!}", lambda: f"{Bad('bad')}", lambda: f"{a:{undefined}}",
    lambda: f"{a}" "b" f"{b}", lambda: f"""{a}
{b!r:>10}
""", lambda: "{} {x!r:>{w}}".format(a, x=b, w=9), lambda: "%s %r %5.1f" % (a, b, 2.55), lambda: rf"\{a}\n", lambda: f"{width:{'>'}{10}}",
    lambda: f"{'😀'}{'ü'!a}", lambda: f"{a}" + f"{b}" * 2, lambda: str(a) + repr(b), lambda: format(a, "q"), lambda: f"{[a, b]}",
):
    attempt(function)
total = ""
for part in range(5):
    total += f"{part}:{part * part:02d};"
print(total)
