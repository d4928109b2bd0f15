"""Fractions and fixed-point numbers as classes: operators, comparisons, properties, immutable values."""


def divisor(a, b):
    while b:
        a, b = b, a % b
    return a


class Rational:
    __slots__ = ("_top", "_bottom")

    def __init__(self, top, bottom=1):
        common = divisor(top, bottom)
        self._top, self._bottom = top // common, bottom // common

    @property
    def top(self):
        return self._top

    @property
    def bottom(self):
        return self._bottom

    def __add__(self, other):
        return Rational(self.top * other.bottom + other.top * self.bottom, self.bottom * other.bottom)

    def __mul__(self, other):
        return Rational(self.top * other.top, self.bottom * other.bottom)

    def __neg__(self):
        return Rational(-self.top, self.bottom)

    def __lt__(self, other):
        return self.top * other.bottom < other.top * self.bottom

    def __eq__(self, other):
        return self.top == other.top and self.bottom == other.bottom

    def __hash__(self):
        return hash((self._top, self._bottom))


class Fixed:
    """Ten digits behind the point."""

    scale = 10**10

    def __init__(self, units):
        self.units = units

    def __add__(self, other):
        return Fixed(self.units + other.units)

    def __sub__(self, other):
        return Fixed(self.units - other.units)

    def __mul__(self, other):
        return Fixed((self.units * other.units + self.scale // 2) // self.scale)

    def __truediv__(self, other):
        return Fixed(self.units * self.scale // other.units)

    def __abs__(self):
        return self if self.units >= 0 else Fixed(-self.units)

    def __bool__(self):
        return self.units != 0


def root(value):
    guess, half = value, Fixed(Fixed.scale // 2)
    for _ in range(40):
        better = (guess + value / guess) * half
        if not abs(better - guess):
            break
        guess = better
    return guess


def main(n):
    seen, units = set(), 0
    for i in range(1, 6 * n + 1):
        total = Rational(0)
        for k in range(1, 12):
            step = Rational(1 + i % 5, k * (k + 1))
            total = total + (step if k % 2 else -step) * Rational(k, k + 2)
        seen.add(total)
        units += root(Fixed((2 + i % 7) * Fixed.scale)).units % 1000
    return len(seen), str(min(seen).top), units
