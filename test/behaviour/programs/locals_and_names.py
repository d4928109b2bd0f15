"""locals(), globals(), dir(), vars(): nothing is added to modules, classes or frames."""
import inspect
import sys
import types

module_first = 1


def function(a, b=2, *args, c=3, **keywords):
    """Doc."""
    d = [a for a in range(2)]
    before = dict(locals())

    def inner():
        return a, d

    return sorted(before), sorted(locals()), inner.__closure__ is not None, inner.__code__.co_freevars


class Body:
    first = 1
    seen = sorted(name for name in locals() if name not in ("__firstlineno__", "__static_attributes__"))
    module = __module__
    qualname = __qualname__


def code_facts(code):
    flags = code.co_flags
    return (code.co_name, code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_nlocals,
            code.co_varnames, code.co_cellvars, code.co_freevars, flags, code.co_firstlineno,
            getattr(code, "co_qualname", None))


def all_code(code):
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from all_code(constant)


def deleted():
    x = 1
    del x
    try:
        x
    except UnboundLocalError as error:
        return str(error), "x" in locals()


def update_frame():
    x = 1
    sys._getframe().f_locals["y"] = 2
    return sorted(sys._getframe().f_locals), eval("x + 1"), exec("z = 5"), sorted(locals())


def generator():
    value = yield
    other = value
    yield sorted(sys._getframe().f_locals.items())


def lines():
    return [line for line in range(3)], [
        sys._getframe().f_lineno,
        sys._getframe().f_lineno,
    ]


print(function(1, 2, 3, c=4, d2=5))
print(Body.seen, Body.module, Body.qualname, sorted(n for n in vars(Body) if n not in ("__firstlineno__", "__static_attributes__")))
print(sorted(name for name in globals()))
print(sorted(name for name in dir(sys.modules["__main__"])))
print(inspect.signature(function), function.__doc__, function.__defaults__, function.__kwdefaults__)
print(inspect.getsource(deleted))
for code in all_code(sys._getframe().f_code):
    print(code_facts(code))
print(deleted(), update_frame())
g = generator()
next(g)
print(g.send(5))
print(lines())
print({name for name in sys.modules if name.startswith("__main")}, __name__, __doc__)
print([name for name in vars() if name.startswith("_") and not name.startswith("__")])
for index, code in enumerate(all_code(function.__code__)):
    constants = [c for c in code.co_consts if isinstance(c, (str, type(None)))]
    print(index, constants, code.co_names if index else code.co_names[:1])
print(inspect.getclosurevars(code_facts), inspect.getfullargspec(function))
