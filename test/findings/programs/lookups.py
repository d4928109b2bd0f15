"""Objects of many types at one place."""

ROUNDS = 6000


def make(number):
    return type("Kind%d" % number, (), {"__init__": lambda self: setattr(self, "weight", 1), "common": 1})


KINDS = [make(number) for number in range(7)]
MIXED = [KINDS[number % 7]() for number in range(ROUNDS)]
ALIKE = [KINDS[0]() for number in range(ROUNDS)]


def fault_types():
    total = 0
    for thing in MIXED:
        total += thing.weight
    return total


def sound_types():
    total = 0
    for thing in ALIKE:
        total += thing.weight
    return total
