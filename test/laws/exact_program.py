"""Work of many kinds, silent: every operation's count is compared with the interpreter's own."""


class Reading:
    limit = 7

    def __init__(self, value):
        self.value = value

    @property
    def doubled(self):
        return self.value * 2

    def __getattr__(self, name):
        if name == "missing":
            raise AttributeError(name)
        return len(name)

    def __add__(self, other):
        return Reading(self.value + other.value)

    def __contains__(self, item):
        if item > 5:
            raise ValueError(item)
        return item == self.value

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        return True

    def __getitem__(self, index):
        if index >= self.limit:
            raise IndexError(index)
        return index


def numbers(count):
    for number in range(count):
        try:
            yield number
        finally:
            number += 1


def chain(count):
    yield from numbers(count)
    return (yield count)


def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


def failing(depth):
    if depth == 0:
        raise KeyError(depth)
    return failing(depth - 1) + 1


def attributes(count):
    total = 0
    for number in range(count):
        reading = Reading(number)
        total += reading.doubled + reading.other
        hasattr(reading, "missing")
        try:
            total += reading.missing
        except AttributeError:
            total -= 1
    return total


def containment(count):
    found = 0
    for number in range(count):
        try:
            found += number in Reading(3)
        except ValueError:
            found -= 1
        if number in (1, 2) or number not in [3, 4]:
            found += 1
    return found


def text(count):
    lines = ""
    parts = []
    for number in range(count):
        lines += "%d\n" % number
        lines = lines + f"{number:>4}{number!r}"
        parts.append(number)
        parts[number] += 1
    del parts[0]
    return lines[2:5], parts[1:3], [*parts, *range(3)], {**{"a": 1}, "b": count}


def blocks(count):
    seen = []
    for number in range(count):
        with Reading(number) as reading:
            seen.append(reading.value)
            if number % 3 == 0:
                raise ValueError
            if number % 3 == 1:
                continue
            seen.append(reading[number])
        try:
            failing(number)
        except KeyError as error:
            seen.append(str(error))
        else:
            seen.append(None)
        finally:
            seen.append(0)
        while True:
            if number % 2:
                break
            number += 1
    return seen


def comprehensions(count):
    squares = [n * n for n in range(count) if n % 2]
    table = {n: n + 1 for n in squares}
    unique = {n % 3 for n in squares}
    total = sum(n for n in table.values())
    return total + len(unique) + sum(1 for _ in chain(count))


def closures(count):
    total = 0

    def add(step):
        nonlocal total
        total += step

    for number, name in enumerate("abc" * count):
        add(number)
        add(step=number)
        add(*[number])
        add(**{"step": ord(name)})
    return sorted(range(count), key=lambda n: -n), total


async def waiting(n):
    return n


class Async:
    def __init__(self):
        self.left = 4

    async def __aenter__(self):
        return await waiting(1)

    async def __aexit__(self, *exc):
        return await waiting(None)

    def __aiter__(self):
        return self

    async def __anext__(self):
        self.left -= 1
        if self.left == 0:
            raise StopAsyncIteration
        return await waiting(self.left)


async def awaits():
    total = 0
    async with Async() as one:
        total += one
    async for item in Async():
        total += item
    return total + sum([item async for item in Async()])


def drive(coroutine):
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value


for _ in range(3):
    attributes(9)
    containment(9)
    text(9)
    blocks(9)
    comprehensions(9)
    closures(5)
    fibonacci(9)
    drive(awaits())
unfinished = numbers(3)
next(unfinished)
unfinished.close()


def delegates():
    try:
        return (yield from numbers(3))
    except KeyError:
        return (yield from numbers(1))


class Pending:
    def __await__(self):
        yield self


async def pends():
    return await Pending()


for end in ("close",), ("throw", KeyError), ("throw", ValueError), ("__next__",):
    for suspended in delegates(), pends().__await__():
        try:
            suspended.send(None)
            getattr(suspended, end[0])(*end[1:])
        except (KeyError, ValueError, StopIteration):
            pass
        del suspended
