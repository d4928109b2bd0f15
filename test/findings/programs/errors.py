"""Exceptions that nobody sees."""

ROUNDS = 4000


class Row:
    def __init__(self, number):
        self.number = number

    def __getattr__(self, name):
        raise AttributeError("%s has no %s" % (type(self).__name__, name))


class Whole:
    extra = None

    def __init__(self, number):
        self.number = number


def fault_hasattr():
    row = Row(1)
    total = 0
    for number in range(ROUNDS):
        if hasattr(row, "extra"):
            total += row.extra
        total += row.number
    return total


def sound_hasattr():
    row = Whole(1)
    total = 0
    for number in range(ROUNDS):
        if hasattr(row, "extra") and row.extra is not None:
            total += row.extra
        total += getattr(row, "number", 0)
    return total


TEXTS = ["%d" % number if number % 2 else "n/a" for number in range(ROUNDS)]


def fault_control_flow():
    total = 0
    for text in TEXTS:
        try:
            total += int(text)
        except ValueError:
            total += 1
    return total


def sound_control_flow():
    """An exception now and then is what exceptions are for."""
    total = 0
    for number, text in enumerate(TEXTS):
        try:
            total += int(text if number % 500 == 0 or text != "n/a" else "1")
        except ValueError:
            total += 1
    return total
