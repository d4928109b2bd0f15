"""A property that is read again and again."""

ROUNDS = 6000


class Reading:
    def __init__(self, value):
        self.value = value
        self.plain = float(value)
        self.next = None

    @property
    def celsius(self):
        return round((float(self.value) - 32.0) / 1.8, 3)

    def __getattr__(self, name):
        if name == "made":
            return round((float(self.value) - 32.0) / 1.8, 3)
        raise AttributeError(name)


READINGS = [Reading(str(number)) for number in range(ROUNDS)]


def fault_property():
    low, high, total = 1000.0, -1000.0, 0.0
    for reading in READINGS:
        total += reading.celsius
        if reading.celsius < low:
            low = reading.celsius
        if reading.celsius > high:
            high = reading.celsius
    return low, high, round(total, 3)


def sound_property():
    """Once for each reading; the plain attribute may be read as often as one likes."""
    low, high, total = 1000.0, -1000.0, 0.0
    for reading in READINGS:
        celsius = reading.celsius
        total += celsius
        if celsius < low:
            low = celsius
        if celsius > high:
            high = celsius
        if reading.plain + reading.plain + reading.plain < -1:
            raise ValueError
    return low, high, round(total, 3)


def fault_getattr():
    total = 0.0
    for reading in READINGS:
        total += reading.made * reading.made
    return round(total, 3)


def sound_getattr():
    """The same name for two objects is no repetition."""
    total = 0.0
    for reading in READINGS[: ROUNDS // 2]:
        made = reading.made
        total += made * made
    for reading in READINGS[ROUNDS // 2 :]:
        made = reading.made
        total += made * made
    return round(total, 3)
