"""The hand-made module of the scenarios, and how often its sites run."""
import os
import sys

import probed

BASIC = """
class C:
    x = 1

c = C()

def loop(n):
    if SKIP: -"P0"
    for i in range(n):
        -"P0"
        c.x
        ~"P0"

def nested(n):
    if SKIP: -"P1"; -"P2"
    for i in range(n):
        -"P1"
        -"P2"
        ~"P2"
        ~"P1"

def recurse(n):
    if SKIP: -"P3"
    if n:
        -"P3"
        recurse(n - 1)
        ~"P3"

def failing(n):
    if SKIP: -"P4"
    for i in range(n):
        try:
            -"P4"
            c.missing
            ~"P4"
        except AttributeError:
            +PROBES[4]

def left_open():
    if SKIP: -"P5"; -"P6"
    -"P5"
    -"P6"
    ~"P5"
    ~"P6"
"""


def probes_of(namespace):
    """The probe objects of a module by the numbers in its source: those of one code object are consecutive."""
    found = {}
    for value in list(namespace.values()):
        code = getattr(value, "__code__", None)
        probes = [c for c in code.co_consts if type(c).__module__ == "_pyrewrite"] if code else []
        if probes:
            first = {"loop": 0, "nested": 1, "recurse": 3, "failing": 4, "left_open": 5}.get(code.co_name, 0)
            found.update({first + i: probe for i, probe in enumerate(probes)})
    return found


def basic_module(**options):
    return module_of(BASIC, **options)


def module_of(source, **options):
    namespace = probed.run(source, **options)
    namespace["PROBES"] = probes_of(namespace)
    return namespace


def work(module):
    module["loop"](1000)
    module["nested"](300)
    module["recurse"](200)
    module["failing"](50)
    module["left_open"]()


WORK = {"P0": 1000, "P1": 300, "P2": 300, "P3": 200, "P4": 50, "P5": 1}


def times(counts, factor):
    return {name: count * factor for name, count in counts.items()}


def path():
    import _pyrewrite

    return _pyrewrite.profile_path()


def fork_and(action):
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        action()
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0
    return pid


def fresh(consts):
    """Unpatched constants, so that the same code can be attached as another module."""
    def renew(const):
        if hasattr(const, "co_consts"):
            return const.replace(co_consts=fresh(const.co_consts))
        return 0 if type(const).__module__ == "_pyrewrite" else const

    return tuple([renew(const) for const in consts])
