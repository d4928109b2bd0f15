# ends 1
"""Tracebacks of every kind of operation: text, lines, columns, causes."""
import sys
import traceback


class Bad:
    def __getattr__(self, name):
        raise AttributeError(name)

    def __bool__(self):
        raise ValueError("no truth")

    def __iter__(self):
        raise ValueError("no iteration")

    def __enter__(self):
        raise ValueError("no entry")

    def __exit__(self, *error):
        pass

    def __format__(self, spec):
        raise ValueError("no format " + spec)

    def __contains__(self, item):
        raise ValueError("no membership")

    def __del__(self):
        pass

    def __eq__(self, other):
        raise ValueError("no equality")

    def __hash__(self):
        raise ValueError("no hash")

    def __index__(self):
        raise ValueError("no index")

    def __call__(self, **keywords):
        raise ValueError("no call")

    def __neg__(self):
        raise ValueError("no minus")


bad, numbers, table = Bad(), [1, 2, 3], {"a": {"b": None}}


def attribute(): return (
    bad
    .something)
def deep_attribute(): return numbers.append.missing.other
def method(): return "text".nothing(1, 2)
def store_attribute(): (5).x = 1
def delete_attribute(): del numbers.x
def call_none(): return table["a"]["b"](1)
def call_arguments(): return len(numbers, numbers)
def call_keywords(): return bad(key=1, other=[2])
def call_star(): return print(*5)
def call_star_star(): return print(**{1: 2})
def call_many(): return max(1, len(None), 3)
def subscript(): return table["a"]["missing"]["c"]
def subscript_index(): return numbers[1 + 5]
def subscript_bad(): return numbers[bad]
def slicing(): return numbers[1:"x"]
def store_subscript(): numbers[10] = 5
def delete_subscript(): del table["zzz"]
def add(): return 1 + numbers[0] * 2 + "x" - 3
def in_place():
    value = 1
    value += "x"
def divide(): return (1 + 2) / (3 - 3) ** 2
def negative(): return -bad
def invert(): return ~1.5
def compare(): return 1 < numbers
def chain(): return 1 < 2 < "x" < 4
def equality(): return numbers == [bad, 1]
def identity_and_call(): return bad is not None and bad.x
def contains(): return 1 in bad
def not_contains(): return 1 not in 5
def truth():
    if bad:
        pass
def truth_and(): return bad and 1
def truth_or(): return 0 or bad or 1
def truth_not(): return not bad
def truth_while():
    while bad:
        pass
def truth_conditional(): return 1 if bad else 2
def iterate():
    for item in bad:
        pass
def iterate_step():
    for item in (1 // (2 - n) for n in range(5)):
        pass
def unpack(): a, b = numbers
def unpack_star(): a, *b, c = [1]
def unpack_bad(): a, b = 5
def entering():
    with bad as entered:
        pass
def with_body():
    with open(__file__):
        numbers.nothing
def global_name(): return undefined_name
def local_name():
    if False:
        local = 1
    return local
def closure():
    def inner():
        return free
    inner()
    free = 1
def delete_name():
    x = 1
    del x
    del x
def importing(): import nonexistent.module
def importing_from(): from sys import nonexistent_thing
def formatting(): return f"{numbers} {bad:>10}"
def formatting_repr(): return f"{1}{undefined!r}"
def asserting(): assert numbers == [], f"numbers are {numbers}"
def asserting_plain(): assert not numbers
def raising(): raise ValueError("plain") from KeyError("cause")
def raising_class(): raise bad
def build_set(): return {1, 2, bad}
def build_dict(): return {bad: 1, 2: 3}
def build_merge(): return {**table, **5}
def build_list(): return [*numbers, *5]
def comprehension(): return [n / (n - 2) for n in numbers]
def lambda_call(): return (lambda x: x.y)(1)
def default_argument():
    def function(x=undefined_default):
        pass
def decorated():
    @bad.decorator
    def function():
        pass
def class_body():
    class Body(bad.base):
        x = 1
def class_inside():
    class Body:
        x = 1
        y = x.z
def multiple_lines(): return sum(
    [
        1,
        2,
        "three",
        4,
    ]
)
def nested_calls(): return len(
    str(
        int(
            "not a number"
        )
    )
)
def generator_inside(): return list(iterate_more(3))
def iterate_more(limit):
    for number in range(limit):
        yield number
        numbers.index(number + 10)
def recursive(depth):
    if depth:
        return recursive(depth - 1) + 1
    return numbers.nothing
def yielding():
    def inner():
        yield 1
        raise KeyError("inside")
    yield from inner()
def exhausted(): return list(yielding())
def in_except():
    try:
        numbers.first
    except AttributeError:
        numbers.second
def in_finally():
    try:
        numbers.first
    finally:
        numbers.second
def in_else():
    try:
        pass
    except ValueError:
        pass
    else:
        numbers.third
def semicolons(): x = 1; y = x.z; z = y
def wide(): return "äöü€😀", numbers.ümlaut, "behind"


skip = {"attempt", "iterate_more", "yielding", "Bad"}
functions = [f for f in list(globals().values()) if callable(f) and getattr(f, "__name__", "") not in skip]
for function in functions:
    if isinstance(function, Bad) or not hasattr(function, "__code__"):
        continue
    print("==", function.__name__)
    try:
        function(*[6] * function.__code__.co_argcount)
        print("nothing")
    except BaseException as error:
        print(traceback.format_exc())
        at = error.__traceback__
        while at:
            code = at.tb_frame.f_code
            if hasattr(code, "co_positions"):
                # The position of the very instruction, as debuggers find it.
                print(code.co_name, at.tb_lineno, list(code.co_positions())[at.tb_lasti // 2])
            else:
                print(code.co_name, at.tb_lineno)
            at = at.tb_next
        del at, error
sys.excepthook = sys.__excepthook__


def last():
    try:
        raise OSError(2, "uncaught")
    finally:
        print("finally", flush=True)


last()
