"""
Attributes and items that get other values or go. Each object tells which instruction of which function freed it: that is the truth
that the record is compared with. `code_ran` counts what runs code of the program: looking must not. Instrumented by dropped.test.ts.
"""
import collections
import json
import opcode
import sys
import types

truth = {}
code_ran = {}


def tell(self):
    frame = sys._getframe(1)
    code = frame.f_code
    if code.co_filename == sys._getframe(0).f_code.co_filename:
        key = "%s %s %s" % (code.co_name, opcode.opname[code.co_code[frame.f_lasti]], type(self).__name__)
        truth[key] = truth.get(key, 0) + 1


def ran(what):
    code_ran[what] = code_ran.get(what, 0) + 1


class Thing:
    __del__ = tell


class Other:
    __del__ = tell


HELD = [Thing() for _ in range(3)]


class Plain:
    pass


class Default:
    value = HELD[0]
    thing = None


class Slots:
    __slots__ = ("value", "other")


class MoreSlots(Slots):
    __slots__ = ("more",)


class Both(Slots):
    pass


Text, Sized, Fails = type("Text", (str,), {}), type("Sized", (tuple,), {}), type("Fails", (Exception,), {})


def instance(n):
    plain = Plain()
    for k in range(n):
        plain.value = Thing()
        plain.other = Other()
        plain.value = plain.value
        plain.held = HELD[k % 3]
    del plain.value
    del plain.other
    del plain.held
    for _ in range(n):
        plain.value = Thing()
        del plain.value


def many_attributes(n):
    plain = Plain()
    for k in range(40):
        setattr(plain, "value%d" % k, k)
    for _ in range(n):
        plain.value = Thing()
        plain.value39 = Other()
    del plain.value, plain.value39


def with_dict(n):
    plain = Plain()
    names = vars(plain)
    for _ in range(n):
        plain.value = Thing()
        names["value"] = Other()
    del names["value"]
    plain.value = Thing()
    plain.__dict__ = {}
    plain.value = Thing()
    plain.value = None


def defaults(n):
    for k in range(n):
        one = Default()
        one.value = HELD[0]
        one.value = Thing()
        one.value = HELD[1]
        one.thing = Thing()
        one.thing = None
        del one.value
        one.__init_subclass__ = Thing()
        del one.__init_subclass__


def slots(n):
    for made in Slots(), MoreSlots(), Both():
        for _ in range(n):
            made.value = Thing()
            made.other = Other()
            made.value = HELD[0]
        del made.value
        del made.other
    more = MoreSlots()
    for _ in range(n):
        more.more = Thing()
    more.more = None


def subclasses(n):
    for made in Text("text"), Sized((1, 2, 3)), Fails("why"):
        for _ in range(n):
            made.value = Thing()
            made.value = Other()
        del made.value


def builtins(n):
    for made in function_of(), types.SimpleNamespace():
        for _ in range(n):
            made.value = Thing()
            made.value = Other()
        del made.value


def function_of():
    def function():
        pass

    return function


def modules(n):
    module = types.ModuleType("made")
    for _ in range(n):
        module.value = Thing()
        module.value = Other()
    del module.value


def classes(n):
    class Made:
        value = Thing()

    class Derived(Made):
        pass

    for _ in range(n):
        Made.value = Thing()
        Derived.value = Other()
    del Made.value
    del Derived.value


class Managed:
    def __init__(self):
        self.__dict__["hidden"] = None

    @property
    def computed(self):
        ran("getter")
        return self.__dict__["hidden"]

    @computed.setter
    def computed(self, value):
        ran("setter")
        self.__dict__["hidden"] = value

    @computed.deleter
    def computed(self):
        ran("deleter")
        self.__dict__["hidden"] = None


class Lazy:
    def __get__(self, instance, owner):
        ran("__get__")
        return None


class Hooks:
    lazy = Lazy()

    def __getattr__(self, name):
        ran("__getattr__")
        raise AttributeError(name)

    def __getattribute__(self, name):
        ran("__getattribute__")
        return object.__getattribute__(self, name)


class Sets:
    def __setattr__(self, name, value):
        ran("__setattr__")
        object.__setattr__(self, name, value)

    def __delattr__(self, name):
        ran("__delattr__")
        object.__delattr__(self, name)


class Odd(str):
    def __eq__(self, other):
        ran("Odd.__eq__")
        return str.__eq__(self, other)

    def __hash__(self):
        ran("Odd.__hash__")
        return str.__hash__(self)


def unknown(n):
    for _ in range(n):
        managed = Managed()
        managed.computed = Thing()
        managed.computed = Other()
        del managed.computed
        sets = Sets()
        sets.value = Thing()
        sets.value = Other()
        del sets.value


def hooks(n):
    for _ in range(n):
        one = Hooks()
        one.value = Thing()
        one.value = Other()
        del one.value
        one.lazy = Thing()
        del one.lazy


def odd_keys(n):
    odd = Odd("value")
    for _ in range(n):
        plain = Plain()
        plain.__dict__[odd] = None
        plain.value = Thing()
        plain.value = Other()
        del plain.value
        numbers = {odd: 1}
        numbers["value"] = Thing()
        numbers["value"] = None


class Number(int):
    def __eq__(self, other):
        ran("Number.__eq__")
        return int.__eq__(self, other)

    def __hash__(self):
        ran("Number.__hash__")
        return int.__hash__(self)

    def __index__(self):
        ran("Number.__index__")
        return int(self)


def odd_numbers(n):
    number = Number(1)
    for _ in range(n):
        numbers = {number: Thing()}
        numbers[1] = Other()
        numbers[number] = Thing()
        things = [1, Thing(), 3]
        things[number] = None


class Keeps(dict):
    pass


class Tells(dict):
    def __setitem__(self, key, value):
        ran("__setitem__")
        dict.__setitem__(self, key, value)

    def __delitem__(self, key):
        ran("__delitem__")
        dict.__delitem__(self, key)


KEYS = ["a", 1, 2 ** 70, 1.5, None, True, b"b", (1, "a"), ((1,), 2), -1, 257, "ä"]


def dicts(n):
    for k in range(n):
        things = {}
        for key in KEYS:
            things[key] = Thing()
        for key in KEYS:
            things[key] = things.get(key)
            things[key] = Other()
            things[key] = HELD[0]
            things[key] = Thing()
            del things[key]


def large_dicts(n):
    things = {}
    for k in range(1000):
        things[k * 1024] = None
    for k in range(n):
        things[k * 1024] = Thing()
        things[k * 1024] = Other()
        things[k * 1024 + 1] = Thing()
        del things[k * 1024 + 1]
        del things[k * 1024]


def kinds_of_dicts(n):
    for things in collections.defaultdict(int), Keeps(), dict():
        for k in range(n):
            things["a"] = Thing()
            things["a"] = Other()
            things[k] = Thing()
            del things["a"]
            del things[k]


def strange_dicts(n):
    for things in Tells(), collections.OrderedDict(), collections.UserDict():
        for k in range(n):
            things["a"] = Thing()
            things["a"] = Other()
            del things["a"]


def missing(n):
    things, items = {}, [1]
    for k in range(n):
        try:
            del things["a"]
        except KeyError:
            pass
        try:
            items[k + 1] = Thing()
        except IndexError:
            pass
        try:
            del Plain().value
        except AttributeError:
            pass


def lists(n):
    items = [Thing(), Other(), HELD[0]]
    for k in range(n):
        items[0] = Thing()
        items[-2] = Other()
        items[2] = items[2]
        items[2] = HELD[1]
        items.append(Thing())
        del items[3]
        items.append(HELD[0])
        del items[-1]
        items[True] = Other()
        items[k % 2] = None
        items[0], items[1] = Thing(), Other()
    items[2 ** 70:] = []


def slices(n):
    for k in range(n):
        items = [Thing(), HELD[0], Other(), HELD[1]]
        items[:1] = [1]
        items[1:2] = (2,)
        items[2:3] = items[2:3]
        items[-2:] = []
        items[5:] = [Thing()]
        items[0:2] = []
        del items[:]
        items = [HELD[0]] * 3
        items[:] = ()
        items = [Thing()] * 3
        del items[1:]
        del items[-1:]
        items = [Thing()] * 2
        del items[:]
        items = [HELD[0]] * 20
        items[:] = [1]
        items = [HELD[0]] * 20 + [Thing()]
        del items[:20]
        del items[:]


def kept_meanwhile(n):
    kept = []
    for k in range(n):
        items = [Thing()]
        items[:] = (kept.append(item) for item in items)
    kept = None


def nested(a, b, c, things):
    """Deep on the stack, in blocks, with cells."""
    def get():
        return things, a

    for x in a:
        for y in b:
            try:
                with c:
                    things[x, y] = Thing()
                    [things.__setitem__("z", 1), [things for things["k"] in (Thing(), Other())]]
            finally:
                things[x] = Other()
                del things[x]
    return get


class Context:
    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None


def generator(n):
    things = {}
    plain = Plain()
    for k in range(n):
        things["a"] = Thing()
        plain.value = Thing()
        yield k
        things["a"] = Other()
        plain.value = Other()
    del things["a"], plain.value


async def coroutine(n):
    things = {}
    for k in range(n):
        things["a"] = Thing()
        things["a"] = await step(things)


async def step(things):
    things["b"] = Other()
    return None


def parameter(things, plain, thing):
    things["a"] = thing
    things["a"] = None
    plain.value = thing
    plain.value = None


def parameters(n):
    for _ in range(n):
        parameter({}, Plain(), Thing())
        parameter({}, Plain(), HELD[0])
        local = Thing()
        parameter({}, Plain(), local)


top = {}
for number in range(20):
    top["a"] = Thing()
    top["a"] = Other()
del top["a"]

if __name__ == "__main__":
    n = 30
    for function in (instance, many_attributes, with_dict, defaults, slots, subclasses, builtins, modules, classes, dicts, large_dicts,
                     kinds_of_dicts, lists, slices, parameters, missing, unknown, hooks, odd_keys, odd_numbers, strange_dicts,
                     kept_meanwhile):
        function(n)
    nested(range(5), range(4), Context(), {})
    list(generator(n))
    try:
        coroutine(n).send(None)
    except StopIteration as stop:
        stop = None
    print(json.dumps({"freed": truth, "ran": code_ran}))
    del Thing.__del__, Other.__del__
