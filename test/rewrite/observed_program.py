class Item:
    count = 0

    def __init__(self, value):
        self.value = value

    @property
    def half(self):
        return self.value / 2

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        return exc[0] is ValueError

    def fail(self):
        raise KeyError(
            self.value
        )


def loops(n):
    total = 0
    for i in range(n):
        if i % 2:
            continue
        elif i > 7:
            break
        total += i
    else:
        total = -1
    while total > 0:
        total -= 3
        if total == 5: break
    for x in (): pass
    return total


def numbers(n):
    for i in range(n):
        yield i
    yield from (x * 2 for x in range(n))
    return n


def consume():
    result = []
    for value in numbers(3):
        result.append(value)
    return [a for a in result if a], {b: b for b in result}


def handlers(value):
    item = Item(value)
    try:
        try:
            item.fail()
        except ValueError:
            return 1
        finally:
            item.count += 1
    except KeyError as error:
        value = str(error)
    with item as it:
        it.half
    with item:
        raise ValueError
    text = ''
    for _ in range(3):
        text += value
    return text if item and value else None


def nested():
    try:
        1 / 0
    except ZeroDivisionError:
        try:
            [].pop()
        except (KeyError,
                IndexError) as error:
            return error
    finally:
        Item.count += 1


async def pause(n):
    return n


async def waits():
    a = await pause(1)
    b = (await
         pause(2))
    return a + b


def drive(coroutine):
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value


def closures(n):
    def add(k):
        nonlocal n
        n += k
        return n
    # not with Python callees: 3.12.1 tells the line of a jump target behind such a call once too often
    return len([add(1)]) and len(
        []) or add(3)


loops(4)
loops(20)
consume()
handlers(3)
nested()
drive(waits())
closures(0)


def fail_call():
    return Item(1).fail()


def fail_operator():
    return (1 +
            [].count(3) /
            0)


def fail_deep(n=3):
    if n == 0:
        return {}['missing']
    return fail_deep(n - 1)


def fail_loop():
    for x in numbers(2):
        if x:
            x.nothing


def fail_generator():
    def broken():
        yield 1
        int()()
    return list(broken())


def fail_finally():
    try:
        int('x')
    finally:
        Item.count += 1


def fail_context():
    try:
        int('x')
    except ValueError:
        undefined


def fail_comprehension():
    return [1 // x for x in (1, 0)]


def fail_with():
    with Item(1) as it:
        it.fail()


def fail_await():
    async def inner():
        raise RuntimeError
    async def outer():
        await inner()
    return outer().send(None)


def fail_unpack():
    a, b = (1,
            2, 3)


def fail_import():
    import no_such_module


FAILURES = [fail_call, fail_operator, fail_deep, fail_loop, fail_generator, fail_finally, fail_context,
            fail_comprehension, fail_with, fail_await, fail_unpack, fail_import]
