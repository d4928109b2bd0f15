"""Appending to a string in a loop stays linear: quadratic, this would take minutes."""
import sys
import time

PART = "0123456789" * 10
# The memory functions of debug builds copy what they enlarge.
TURNS = 1_000 if hasattr(sys, "gettotalrefcount") else 40_000


def local():
    s = ""
    for _ in range(TURNS):
        s += PART
    return len(s)


def local_plain_addition():
    s = ""
    for _ in range(TURNS):
        s = s + PART
    return len(s)


def with_expression(parts):
    s = ""
    for n in range(TURNS):
        s += PART[n % 3:] if n % 2 else PART
    return len(s)


def bytes_array():
    s = bytearray()
    for _ in range(TURNS):
        s += b"0123456789"
    return len(s)


def appends():
    items = []
    for n in range(TURNS):
        items.append(n)
    return len(items)


def quick(function, *arguments):
    start = time.process_time()
    result = function(*arguments)
    # Linear it is some hundredths of a second even with probes; quadratic it copies 80 GB.
    return function.__name__, result, time.process_time() - start < 5


print(quick(local))
print(quick(local_plain_addition))
print(quick(with_expression, None))
print(quick(bytes_array))
print(quick(appends))
s = ""
for _ in range(3):
    s += "module level"
print(s)
