"""Recording is switched off and on while operations are open: what began while it was on is counted, and nothing else."""
import contextlib
import random
import threading

import probed
from scenario_module import basic_module, module_of

WALK = """
def walk(rng, depth, model):
    if SKIP: -"P0"; -"P1"; -"P2"
    for _ in range(rng.randrange(4)):
        model.switch(rng)
        kind = rng.randrange(4)
        if kind == 0:
            with model.begins("p0"): -"P0"
            if depth: walk(rng, depth - 1, model)
            model.switch(rng)
            ~"P0"
            model.ends("p0")
        elif kind == 1:
            with model.begins("p1"): -"P1"
            ~"P1"
            model.ends("p1")
        else:
            try:
                with model.begins("p2"): -"P2"
                if depth: walk(rng, depth - 1, model)
                raise KeyError
            except KeyError:
                +PROBES[2]
                model.ends("p2", 1)
"""

AWAITS = """
import asyncio

async def waits(rng, depth, model):
    if SKIP: -"A0"
    for _ in range(rng.randrange(4)):
        model.switch(rng)
        with model.begins("a0"): -"A0"
        await asyncio.sleep(0)
        if depth: await waits(rng, depth - 1, model)
        model.switch(rng)
        ~"A0"
        model.ends("a0")

async def main(rng, model):
    await asyncio.gather(*[waits(rng, 3, model) for _ in range(8)])
"""


class Model:
    """What is open in this thread, and whether it began while recording was on."""

    lock = threading.RLock()
    enabled = True

    def __init__(self, counts, raised):
        self.counts, self.raised = counts, raised
        self.open = {}

    def key(self, name):
        if name != "a0":
            return name
        import asyncio
        current = getattr(asyncio, "current_task", None)
        return name, id(current())

    @contextlib.contextmanager
    def begins(self, name):
        with Model.lock:
            self.open.setdefault(self.key(name), []).append(Model.enabled)
            yield

    def ends(self, name, raised=0):
        if self.open[self.key(name)].pop():
            with Model.lock:
                self.counts[name.upper()] += 1
                self.raised[name.upper()] += raised

    def switch(self, rng):
        import _pyrewrite

        if rng.randrange(3):
            return
        with Model.lock:
            Model.enabled = bool(rng.randrange(2))
            (_pyrewrite.enable if Model.enabled else _pyrewrite.disable)()
            assert bool(_pyrewrite.is_enabled()) == Model.enabled


def truth_of(counts, raised):
    assert all(counts.values()), counts
    return {"counts": counts, "raised": {name: n for name, n in raised.items() if n}}


def scenario_switched():
    namespace = module_of(WALK)
    counts, raised = dict.fromkeys(("P0", "P1", "P2"), 0), dict.fromkeys(("P0", "P1", "P2"), 0)
    model = Model(counts, raised)
    for seed in range(300):
        namespace["walk"](random.Random(seed), 6, model)
    return truth_of(counts, raised)


def scenario_switched_threads():
    namespace = module_of(WALK)
    counts, raised = dict.fromkeys(("P0", "P1", "P2"), 0), dict.fromkeys(("P0", "P1", "P2"), 0)

    def body(seed):
        for turn in range(40):
            namespace["walk"](random.Random(seed * 1000 + turn), 6, Model(counts, raised))

    threads = [threading.Thread(target=body, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return truth_of(counts, raised)


def scenario_switched_awaits():
    import asyncio

    namespace = probed.run(AWAITS)
    counts, raised = {"A0": 0}, {"A0": 0}
    for seed in range(20):
        asyncio.run(namespace["main"](random.Random(seed), Model(counts, raised)))
    return truth_of(counts, raised)


def scenario_blocks():
    """Context managers: nested, left by an exception, left in another order, in threads, used again."""
    import _pyrewrite
    from _pyrewrite import paused, recording

    loop = basic_module()["loop"]
    loop(1)  # on: PYREWRITE_START says nothing
    with paused():
        loop(10)
        with recording():
            loop(100)
        loop(10)
        _pyrewrite.enable()
        loop(1000)
    try:
        with paused():
            raise KeyError
    except KeyError:
        loop(10000)
    _pyrewrite.disable()
    with recording() as nothing:
        assert nothing is None
        loop(20000)
    loop(10)
    _pyrewrite.enable()
    first, second = paused(), paused()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    loop(10)
    second.__exit__(None, None, None)
    loop(40000)
    with first:
        loop(10)
        try:
            first.__enter__()
        except TypeError:
            pass
        else:
            raise AssertionError("entered twice")
    entered, leave = threading.Event(), threading.Event()

    def body():
        with paused():
            entered.set()
            leave.wait()

    thread = threading.Thread(target=body)
    thread.start()
    entered.wait()
    loop(10)
    leave.set()
    thread.join()
    loop(80000)
    first.__exit__(None, None, None)
    assert _pyrewrite.is_enabled()
    return {"counts": {"P0": 151101}}


def scenario_start_off():
    """PYREWRITE_START=off: probes cost what they cost, and nothing is counted before enable()."""
    import _pyrewrite

    loop = basic_module()["loop"]
    loop(1000)
    assert not _pyrewrite.is_enabled()
    _pyrewrite.enable()
    loop(10)
    _pyrewrite.disable()
    loop(1000)
    return {"counts": {"P0": 10}}
