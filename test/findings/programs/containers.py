"""Membership."""

NAMES = ["sensor-%03d" % number for number in range(200)]
ASKED = [NAMES[number * 7 % 200] for number in range(4000)]
FEW = ["sensor-000", "sensor-001"]


def fault_list():
    found = 0
    for name in ASKED:
        if name in NAMES:
            found += 1
    return found


def sound_list():
    """A set, a short list, and text."""
    names = set(NAMES)
    found = 0
    for name in ASKED:
        if name in names:
            found += 1
        if name in FEW and "zzz" in name:
            found -= 1000
    return found


def fault_tuple():
    names = tuple(NAMES)
    found = 0
    for name in ASKED:
        if name not in names:
            found += 1
    return found


def sound_tuple():
    names = dict.fromkeys(NAMES)
    found = 0
    for name in ASKED:
        if name not in names:
            found += 1
    return found
