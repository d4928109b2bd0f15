"""When objects die: no probe keeps anything alive, and everything dies in the same order."""
import gc
import sys
import weakref

LOG = []


class Thing:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        LOG.append(self.name)

    def __add__(self, other):
        return Thing(self.name + other.name)

    def __call__(self, *arguments, **named):
        return None

    def __enter__(self):
        return Thing("entered " + self.name)

    def __exit__(self, *error):
        LOG.append("exit " + self.name)
        return True

    def __iter__(self):
        return iter([Thing("item 1"), Thing("item 2")])

    def __getitem__(self, key):
        return Thing(f"got {getattr(key, 'name', key)}")

    def __bool__(self):
        return len(self.name) > 3

    def method(self):
        LOG.append("method " + self.name)

    def fail(self, *arguments):
        raise ValueError


def flush(name):
    print(name, LOG)
    LOG.clear()


def temporary():
    Thing("temporary")
    LOG.append("next line")
    x = Thing("x")
    x = Thing("y")
    LOG.append("rebound")
    del x
    LOG.append("deleted")


def expression():
    result = Thing("a") + Thing("b") + Thing("c")
    LOG.append(result.name)


def arguments():
    Thing("callable")(Thing("argument"), key=Thing("keyword"))
    LOG.append("called")
    Thing("receiver").method()
    LOG.append("after method")


def returning():
    a, b = Thing("local a"), Thing("local b")
    return Thing("result")


def exceptional():
    a = Thing("frame a")
    try:
        Thing("failing").fail(Thing("operand"), [Thing("in list")])
    except ValueError:
        LOG.append("handler")
    LOG.append("after handler")


def exceptional_frame():
    local = Thing("raising local")
    raise ValueError(Thing("in error"))


def catches():
    try:
        exceptional_frame()
    except ValueError as error:
        LOG.append("caught")
    LOG.append("done")


def loops():
    for item in Thing("iterable"):
        LOG.append("body " + item.name)
    LOG.append("loop done")
    del item
    for item in [Thing("one"), Thing("two")]:
        break
    LOG.append("broke")


def left_loops(things):
    for item in things:
        break
    for item in (thing for thing in things):
        break
    for item in enumerate(things):
        for other in iter(things):
            return item, other


def left():
    left_loops([Thing("one"), Thing("two")])
    left_loops((Thing("one"), Thing("two")))


def managers():
    with Thing("manager") as entered:
        LOG.append("inside")
        raise KeyError
    LOG.append("outside")


def subscripts():
    value = Thing("container")[Thing("key")][0:1]
    LOG.append("subscripted")
    table = {"k": Thing("stored")}
    table["k"] = Thing("stored again")
    LOG.append("overwritten")
    del table["k"]
    LOG.append("removed")


def truths():
    if Thing("long name"):
        LOG.append("true")
    if not Thing("abc"):
        LOG.append("false")
    x = Thing("abc") or Thing("other")
    LOG.append("or")
    y = Thing("first") and Thing("second")
    LOG.append("and")


def unpacking():
    a, b = [Thing("left"), Thing("right")]
    LOG.append("unpacked")
    a, b = b, a
    LOG.append("swapped")
    first, *rest = (Thing(f"n{n}") for n in range(3))
    LOG.append("starred")


def generator():
    local = Thing("generator local")
    try:
        yield Thing("yielded")
    finally:
        LOG.append("generator finally")


def generators():
    g = generator()
    next(g)
    LOG.append("got")
    del g
    LOG.append("deleted")
    for thing in generator():
        LOG.append("in loop")
    LOG.append("end")


def closures():
    captured = Thing("captured")

    def inner():
        return captured.name

    LOG.append(inner())
    del captured
    LOG.append("cell emptied")


def attributes():
    holder = Thing("holder")
    holder.child = Thing("child")
    holder.child = Thing("second child")
    LOG.append("replaced")
    del holder.child
    LOG.append("gone")
    f"{Thing('formatted').name}"
    LOG.append("formatted")


def comparisons():
    Thing("left") is Thing("right")
    LOG.append("is")
    Thing("left") == Thing("right")
    LOG.append("eq")
    Thing("item") in [Thing("member")]
    LOG.append("in")
    try:
        Thing("small") < Thing("large")
    except TypeError:
        LOG.append("unordered")


def references():
    thing = Thing("referred")
    reference = weakref.ref(thing, lambda ref: LOG.append("callback"))
    LOG.append(sys.getrefcount(thing))
    function = lambda: thing
    LOG.append(sys.getrefcount(thing))
    LOG.append(sys.getrefcount(thing.name) < 1000)
    del function
    del thing
    LOG.append(reference() is None)


def cycles():
    a, b = Thing("cycle a"), Thing("cycle b")
    a.other, b.other = b, a
    del a, b
    LOG.append("cut off")
    gc.collect()
    LOG.append("collected")


def class_bodies():
    class Body:
        x = Thing("class attribute")
        del x
        y = Thing("kept")
    LOG.append("body done")
    Body.y = None
    LOG.append("attribute gone")


def counts():
    before = len(gc.get_objects())
    x = [[] for _ in range(100)]
    return len(gc.get_objects()) - before >= 100


gc.disable()
for function in (temporary, expression, arguments, returning, exceptional, catches, loops, left, managers, subscripts,
                 truths, unpacking, generators, closures, attributes, comparisons, references, cycles, class_bodies, counts):
    function()
    LOG.append("returned")
    flush(function.__name__)


class AtExit:
    def __del__(self):
        print("died at exit")


kept = AtExit()
