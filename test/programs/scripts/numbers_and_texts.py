"""Loops over decimal, fractions and regular expressions; exact, so the same everywhere."""
import decimal
import fractions
import re
import string
import textwrap


def pi(digits):
    with decimal.localcontext() as context:
        context.prec = digits + 2
        lasts, t, s, n, na, d, da = 0, decimal.Decimal(3), 3, 1, 0, 0, 24
        while s != lasts:
            lasts = s
            n, na = n + na, na + 8
            d, da = d + da, da + 32
            t = (t * n) / d
            s += t
    return +s


print(pi(60))
print(sum((fractions.Fraction(1, n) for n in range(1, 40)), fractions.Fraction()))
TEXT = textwrap.fill(" ".join("%s%d" % (c * 3, n) for n, c in enumerate(string.ascii_letters)), 40)
print(TEXT)
print(re.sub(r"(?P<word>[a-m]+)(\d+)", lambda m: m["word"].upper() + str(int(m[2]) ** 2), TEXT, flags=re.I))
print([m.span() for m in re.finditer(r"\b(\w)\1+(?=[02468])", TEXT)][:20])
print(re.split(r"[\s\d]+", TEXT)[:10], re.compile("a|b", re.X).pattern, string.Template("$a ${b}").substitute(a=1, b=2))
