"""
Variables that get other values or go. Each object tells which instruction of which function freed it: that is the truth that
the record is compared with. Instrumented by dropped.test.ts.
"""
import json
import opcode
import sys

truth = {}


def tell(self):
    frame = sys._getframe(1)
    code = frame.f_code
    if code.co_filename == sys._getframe(0).f_code.co_filename:
        key = "%s %s %s" % (code.co_name, opcode.opname[code.co_code[frame.f_lasti]], type(self).__name__)
        truth[key] = truth.get(key, 0) + 1


class Thing:
    __del__ = tell


class Other:
    __del__ = tell


class Oops(Exception):
    __del__ = tell


HELD = [Thing() for _ in range(3)]


def in_a_loop(n):
    for _ in range(n):
        thing = Thing()
    for other in map(lambda _: Other(), range(n)):
        pass


def deleted(n):
    for _ in range(n):
        thing = Thing()
        other = thing
        del thing
        del other


def pairs(n):
    for k in range(n):
        a, b = Thing(), Other()
    for k in range(n):
        a = b = Thing()
    for k in range(n):
        a, b = HELD[0], Other()
    del a


def unset_pairs(n):
    for k in range(n):
        a, b = Thing(), Other()
        del a, b


def same_name(n):
    for k in range(n):
        a, a = Thing(), Other()


def held(n):
    for k in range(n):
        thing = HELD[k % 3]
    alias = thing
    thing = None
    del alias


def parameter(thing):
    thing = None
    return thing


def parameters(n):
    local = Thing()
    for _ in range(n):
        parameter(local)
        parameter(HELD[0])
        parameter(Thing())
    twice = HELD[1]
    for _ in range(n):
        parameter(twice)
        parameter(thing=twice)
    HELD.append(local)
    for _ in range(n):
        parameter(local)


def drop(thing):
    thing and None


def dropped_parameters(n):
    local = Thing()
    HELD.append(local)
    for k in range(n):
        drop(local)
        drop(HELD[0])
        k or local
    HELD.pop()
    for k in range(n):
        drop(local)
        drop(thing=local)


def cells(n):
    value = Thing()

    def get():
        return value

    def put():
        nonlocal value
        value = Other()

    for _ in range(n):
        put()
        value = Thing()
        value = get()
    del value
    del get
    return put


def argument_cell(value, n):
    def get():
        return value

    for _ in range(n):
        value = Thing()
    return get


def store_global(n):
    global some
    for _ in range(n):
        some = Thing()
    del some
    for _ in range(n):
        some = HELD[0]


def generator(n):
    thing = None
    for _ in range(n):
        thing = Thing()
        yield thing
        thing = Other()
        yield 1


def generators(n):
    for value in generator(n):
        del value
    return [item for item in generator(n)], {x for x in range(n) for y in (Thing(),)}


def handlers(n):
    for _ in range(n):
        try:
            raise Oops
        except Oops as error:
            error = error
    for _ in range(n):
        try:
            del missing
        except UnboundLocalError:
            missing = None
            del missing


def classes(n):
    for k in range(n):
        class Body:
            for item in range(3):
                thing = Thing()
            del thing
            thing = Other()
            thing = None
            del thing


class Prepared(type):
    @classmethod
    def __prepare__(cls, name, bases):
        return Names()


class Names(dict):
    pass


class Name(str):
    pass


def odd_namespaces(n):
    for _ in range(n):
        class Odd(metaclass=Prepared):
            thing = Thing()
            thing = None
            del thing

        class Odd:
            locals()[Name("thing")] = 1
            thing = Thing()
            thing = None
            del thing

        class Mixed:
            locals()[1] = 1
            thing = Thing()
            thing = None
            del thing


async def coroutine(n):
    thing = Thing()
    for _ in range(n):
        thing = await step(thing)
    return thing


async def step(thing):
    thing = Other()
    return thing


def many_locals(n):
    a = b = c = d = e = f = g = h = i = j = k = l = m = o = p = q = r = s = t = 0
    for _ in range(n):
        t = Thing()
        u = v = w = Other()
        q, r = s, t
        u, v = r, w
    return u, v


for number in range(20):
    top = Thing()
    top = Other()
del top
for number in range(10):
    tops = [inner for inner in "ab"]

if __name__ == "__main__":
    n = 40
    in_a_loop(n)
    deleted(n)
    pairs(n)
    unset_pairs(n)
    same_name(n)
    held(n)
    parameters(n)
    dropped_parameters(n)
    cells(n)()
    argument_cell(Thing(), n)
    store_global(n)
    generators(n)
    handlers(n)
    classes(n)
    odd_namespaces(n)
    try:
        coroutine(n).send(None)
    except StopIteration as stop:
        stop = None
    many_locals(n)
    print(json.dumps(truth))
    del Thing.__del__, Other.__del__, Oops.__del__
