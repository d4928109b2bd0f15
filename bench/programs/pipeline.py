"""Generators that feed each other: each value passes through a row of suspended frames."""


def numbers(count):
    state = 12345
    for _ in range(count):
        state = (state * 1103515245 + 12345) % 2147483648
        yield state >> 8


def only(values, divisor):
    for value in values:
        if value % divisor:
            yield value


def pairs(values):
    values = iter(values)
    for first in values:
        second = next(values, 0)
        yield first, second


def running(values):
    total = 0
    for first, second in values:
        total = (total + (first ^ second)) % 1000003
        yield total


def flatten(nested):
    for item in nested:
        if isinstance(item, list):
            yield from flatten(item)
        else:
            yield item


def averages():
    total, count, mean = 0, 0, 0
    while True:
        total += yield mean
        count += 1
        mean = total // count


def main(n):
    mean = averages()
    next(mean)
    last = 0
    for _ in range(n):
        for value in running(pairs(only(numbers(1500), 3))):
            last = mean.send(value)
        last += sum(flatten([1, [2, [3, [4, 5], 6], 7], [[[8]]], 9] * 12))
    return last
