# requires 3.14
"""Deferred annotations and template strings."""
import annotationlib
import sys
from annotationlib import Format


def show(*values):
    print(sys._getframe(1).f_lineno, *values)


def function(a: int, b: undefined_name = 1, *args: list[later]) -> dict[str, later]:
    local: not_evaluated = 1
    return local


class Thing:
    x: later
    y: int = 5
    if y > 3:
        z: str

    def method(self, other: Thing) -> Thing:
        pass


module_level: later = 5

for format in (Format.FORWARDREF, Format.STRING):
    show(annotationlib.get_annotations(function, format=format))
    show(annotationlib.get_annotations(Thing, format=format))
    show(annotationlib.get_annotations(Thing.method, format=format))
for target in (function, Thing, Thing.method):
    try:
        show(target.__annotations__)
    except NameError as error:
        show(type(error).__name__, error, error.__traceback__.tb_lineno)
later, undefined_name = float, bytes
show(function.__annotations__, Thing.__annotations__, function(1))
show(annotationlib.get_annotations(sys.modules[__name__]))

name, width = "World", 8
template = t"Hello {name!r:>{width}} and {1 + 1 = } and {name}{width:d}"
show(template.strings, template.values, [(i.value, i.expression, i.conversion, i.format_spec) for i in template.interpolations])
show(type(t"").__name__, len(list(t"{1}{2}")), (t"a{1}" + t"b{2}").strings)
try:
    t"{undefined}"
except NameError as error:
    show(error)


def finals():
    for _ in range(2):
        try:
            raise ValueError
        except ValueError, KeyError:
            show("no parentheses")
    return [*range(3)]


show(finals())
