"""Names that are looked up in a dict that takes its time, as those of plug-ins and sandboxes do."""

from types import FunctionType

ROUNDS = 3000
STEP = 3


class Recorded(dict):
    """Globals that know which of them were used."""

    used = 0

    def __getitem__(self, name):
        Recorded.used += 1
        return dict.__getitem__(self, name)


def add_steps():
    total = 0
    for _ in range(3000):
        total += STEP
    return total


def add_local_steps():
    step = STEP
    total = 0
    for _ in range(3000):
        total += step
    return total


def fault_global():
    return FunctionType(add_steps.__code__, Recorded(STEP=STEP, range=range))()


def sound_global():
    """One lookup for all rounds; and plain globals, which the interpreter finds at once."""
    total = 0
    for _ in range(ROUNDS):
        total += STEP
    return FunctionType(add_local_steps.__code__, Recorded(STEP=STEP, range=range))() + total - ROUNDS * STEP
