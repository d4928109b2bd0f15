"""Objects that are made to be freed at once."""

ROUNDS = 1500
NAMES = ["sensor-%03d" % number for number in range(200)]
ASKED = [NAMES[number * 7 % 200] for number in range(ROUNDS)]
PAGE = "x" * 20000
BOOK = "x" * 200000
ROWS = list(range(2000))


def fault_list():
    items = []
    for number in range(ROUNDS):
        items = items + [number]
    return len(items)


def sound_list():
    """A list that grows in place; one that is short, each time another."""
    items = []
    for number in range(ROUNDS):
        items += [number]
        pair = [number]
        pair = pair + [number]
    return len(items)


def fault_set():
    found = 0
    for name in ASKED:
        if name in set(NAMES):
            found += 1
    return found


def sound_set():
    """A set that is made once, and one that is short."""
    names = set(NAMES)
    found = 0
    for name in ASKED:
        if name in names:
            found += 1
    if "nobody" in set(ASKED):
        found = 0
    return found


def fault_text(page=PAGE, len=len, str=str):
    """Its names are local: what is looked up right behind copies of 20 kB may be found in no cache, and so to be slow."""
    size = 0
    for number in range(ROUNDS):
        size += len(page + page + str(number % 10))
    return size


def sound_text(page=PAGE, len=len, str=str):
    """Joined; and an addition of short texts, whose copies cost nothing to speak of."""
    size = 0
    for number in range(ROUNDS):
        size += len("".join((page, page, str(number % 10))))
        size += len("a" + str(number % 10) + "b") - 3
    return size


def fault_rows():
    size = 0
    for number in range(300):
        size += len(ROWS + ROWS + [number])
    return size


def sound_rows():
    size = 0
    for number in range(300):
        size += len([*ROWS, *ROWS, number])
    return size


def fault_slices():
    rest = BOOK
    steps = 0
    while rest:
        rest = rest[100:]
        steps += 1
    return steps


def sound_slices():
    """An index; and slices that are short."""
    steps = at = 0
    while at < len(BOOK):
        short = "header:%d" % at
        short = short[7:]
        at += 100
        steps += 1
    return steps
