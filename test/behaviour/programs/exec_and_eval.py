"""exec, eval, compile, runpy, code objects handed around."""
import copy
import inspect
import pickle
import runpy
import sys
import tempfile
import textwrap
import traceback
import types


def function(a, b=1):
    """Doc."""
    total = a + b
    for item in (1, 2):
        total += item
    return [x * total for x in (1, 2)]


def attempt(action):
    try:
        return action()
    except Exception as error:
        return type(error).__name__, str(error)


namespace = {}
exec(compile("x = [i for i in range(3)]\ndef f():\n    return x\n", "<made>", "exec"), namespace)
print(namespace["f"](), eval("1 + x[1]", namespace), sorted(namespace)[0])
print(attempt(lambda: eval("1 +", {})), attempt(lambda: eval("undefined", {})))
try:
    exec("def g():\n    return 1 / 0\ng()\n", {})
except ZeroDivisionError:
    print(traceback.format_exc().replace(__file__, "FILE"))

code = function.__code__
copied = types.FunctionType(code, globals(), "other", (5,))
print(copied(1), copied.__name__, copied.__defaults__)
replaced = code.replace(co_name="renamed", co_firstlineno=100)
print(replaced.co_name, types.FunctionType(replaced, globals(), argdefs=(2,))(1), replaced.co_firstlineno)
print(copy.copy(function) is function, copy.deepcopy({"f": function})["f"] is function)
print(attempt(lambda: pickle.loads(pickle.dumps(function)) is function), attempt(lambda: pickle.dumps(lambda: 1))[0])
print(hash(code) == hash(code), code == code.replace(), code == replaced, {code: 1}[code])
print(inspect.signature(function), inspect.getsource(function)[:20], inspect.isfunction(function), inspect.getdoc(function))
print(inspect.getsourcelines(function)[1], inspect.getmodule(function).__name__)
other = types.FunctionType(code, {"__builtins__": {}}, argdefs=(3,))
print(attempt(lambda: other(4)))
function.__code__ = (lambda a, b=1: ("swapped", a, b)).__code__
print(function(1))


def swaps_itself():
    swaps_itself.__code__ = (lambda: "second").__code__
    return "first"


print(swaps_itself(), swaps_itself())
with tempfile.NamedTemporaryFile("w", suffix=".py") as file:
    file.write(textwrap.dedent("""
        import sys
        value = [__name__, sys.argv[0] == __file__]
        def inner():
            return value
        result = inner()
    """))
    file.flush()
    print(runpy.run_path(file.name, run_name="run")["result"])
    sys.argv[0] = "me"


class Frame:
    def __enter__(self):
        self.frame = sys._getframe(1)
        return self

    def __exit__(self, *error):
        print(self.frame.f_code.co_name, sorted(self.frame.f_locals)[:2], self.frame.f_lineno)


def uses():
    aaa = 1
    with Frame():
        bbb = eval("aaa + 1")
        exec("ccc = aaa")
    return bbb


print(uses(), globals()["__name__"], eval("__name__"))
