"""Classes: super() without arguments, the order of a class body, metaclasses, what dir() and vars() show."""
import abc
import functools


class Base:
    def __init_subclass__(cls, **options):
        super().__init_subclass__()
        print("init_subclass", cls.__name__, options)

    def __init__(self):
        super().__init__()
        self.log = ["Base"]

    def method(self):
        return ["Base.method"]

    @classmethod
    def make(cls):
        return cls()

    @property
    def prop(self):
        return "base prop"

    def __getattr__(self, name):
        if name.startswith("dynamic"):
            return f"<{name}>"
        raise AttributeError(f"no {name}")


class Left(Base, option=1):
    def __init__(self):
        super().__init__()
        self.log.append("Left")

    def method(self):
        return ["Left.method"] + super().method()


class Right(Base):
    def __init__(self):
        super().__init__()
        self.log.append("Right")

    def method(self):
        return ["Right.method", *super().method()]


class Both(Left, Right):
    def __init__(self):
        super().__init__()
        self.log.append("Both")

    def method(self):
        inner = lambda: super(Both, self).method()
        return ["Both.method"] + inner() + [__class__.__name__]

    @classmethod
    def make(cls):
        return super().make()

    @property
    def prop(self):
        return "both " + super().prop

    def cell(self):
        def nested():
            return super(__class__, self).method()

        return nested()

    def comprehension(self):
        return [super(Both, self).prop for _ in range(2)]

    def deleted(self):
        del self
        return super().prop

    def missing(self):
        return super().nothing

    @staticmethod
    def no_self():
        return super().prop


class Ordered(type):
    @classmethod
    def __prepare__(metacls, name, bases, **options):
        print("prepare", name, bases, options)
        return Watching()

    def __new__(metacls, name, bases, body, **options):
        print("new", name, sorted(body))
        return super().__new__(metacls, name, bases, dict(body))

    def __init__(cls, name, bases, body, **options):
        print("init", name, options)
        super().__init__(name, bases, body)

    def __call__(cls, *arguments):
        print("call", cls.__name__)
        return super().__call__(*arguments)


class Watching(dict):
    def __setitem__(self, key, value):
        print("  set", key)
        super().__setitem__(key, value)

    def __getitem__(self, key):
        print("  get", key)
        return super().__getitem__(key)

    def __delitem__(self, key):
        print("  del", key)
        super().__delitem__(key)


class Descriptor:
    def __set_name__(self, owner, name):
        print("set_name", owner.__name__, name)

    def __get__(self, instance, owner):
        return ("get", instance is None, owner.__name__)

    def __set__(self, instance, value):
        print("descriptor set", value)

    def __delete__(self, instance):
        print("descriptor delete")


class Made(metaclass=Ordered, flag=True):
    first = 1
    second = first + 1
    del first
    first: int = 3
    for index in range(2):
        locals()[f"made{index}"] = index
    del index
    field = Descriptor()

    def method(self):
        return self.second

    class Nested:
        inside = second = 5 if True else 6

    if second > 1:
        conditional = "yes"
    else:
        never = "no"


class Abstract(abc.ABC):
    @abc.abstractmethod
    def needed(self):
        """doc of needed"""


class Slots:
    __slots__ = ("a", "b", "__weakref__")

    def __init__(self):
        self.a = 1


def attempt(function, *arguments):
    try:
        print("->", function(*arguments))
    except Exception as error:
        print("->", type(error).__name__, error)


both = Both()
print(both.log, both.method(), both.prop, both.cell(), both.comprehension(), Both.make().log)
attempt(both.deleted)
attempt(both.missing)
attempt(Both.no_self)
attempt(lambda: both.other)
attempt(lambda: both.dynamic_thing)
made = Made()
print(made.method(), made.field, Made.field, Made.__annotations__, made.Nested.inside, made.conditional)
made.field = 4
del made.field
attempt(lambda: Made.never)
attempt(Abstract)
slots = Slots()
attempt(lambda: slots.b)
attempt(lambda: setattr(slots, "c", 1))
print([name for name in dir(Made) if not name.startswith("__")], sorted(vars(both)), Both.__mro__)
print(Both.__qualname__, Both.make.__qualname__, Made.Nested.__qualname__, Made.__module__, Abstract.needed.__doc__)
print(sorted(name for name in vars(Left) if name not in ("__static_attributes__", "__firstlineno__")))
print(Left.__dict__.get("__firstlineno__"), Left.__dict__.get("__static_attributes__"))


class Repr:
    """Every special method that an operator of the interpreter looks up."""

    def __getattribute__(self, name):
        return super().__getattribute__(name)

    def __setattr__(self, name, value):
        print("setattr", name)
        super().__setattr__(name, value)

    def __delattr__(self, name):
        print("delattr", name)
        super().__delattr__(name)

    @functools.lru_cache(maxsize=None)
    def cached(self, number):
        print("computed", number)
        return number * 2

    def __call__(self, *arguments, **keywords):
        return arguments, keywords


thing = Repr()
thing.value = 1
thing.value += 2
del thing.value
print(thing.cached(2), thing.cached(2), thing(1, *[2], key=3, **{"other": 4}))
