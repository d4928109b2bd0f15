"""A loop at the top level, as scripts have it, and one in a function."""

total = 0
for number in range(20000):
    total = total + number


def fault_top():
    return total


def sound_top():
    result = 0
    for number in range(20000):
        result = result + number
    return result
