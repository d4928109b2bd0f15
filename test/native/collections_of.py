"""Garbage collections: what the program can see, and what is recorded. `python collections_of.py NAME`."""
import gc
import json
import os
import sys
import threading

import probed

COLLECTIONS = 2
SOURCE = """
import gc

def strike(n, generation):
    if SKIP: -"P0"
    for i in range(n):
        -"P0"
        gc.collect(generation)
        ~"P0"

def around(n):
    if SKIP: -"P1"; -"P2"
    for i in range(n):
        -"P1"
        -"P2"
        ~"P2"
        gc.collect(1)
        ~"P1"
"""


def module():
    return probed.run(SOURCE, flags=COLLECTIONS)


class Seen:
    """Counts collections as a program does."""

    def __init__(self):
        self.counts = {}
        self.collected = {}
        self.phases = []
        gc.callbacks.append(self)

    def __call__(self, phase, info):
        self.phases.append(phase)
        if phase == "stop":
            generation = info["generation"]
            self.counts[generation] = self.counts.get(generation, 0) + 1
            self.collected[generation] = self.collected.get(generation, 0) + info["collected"]


class Cycle:
    def __init__(self):
        self.me = self


def allocate(n):
    for _ in range(n):
        Cycle()


def result(seen, **more):
    assert seen.phases == ["start", "stop"] * (len(seen.phases) // 2), seen.phases
    return dict(counts=seen.counts, collected=seen.collected, **more)


def scenario_counts():
    gc.collect()
    names = module()
    seen = Seen()
    stats = [g["collections"] for g in gc.get_stats()]
    allocate(5000)
    names["strike"](7, 0)
    names["strike"](5, 1)
    names["strike"](3, 2)
    names["around"](4)
    gc.collect()
    gc.disable()
    allocate(2000)
    after = [g["collections"] for g in gc.get_stats()]
    assert sum(after) - sum(stats) == sum(seen.counts.values()), (stats, after, seen.counts)
    return result(seen, struck=[15, 4])


def scenario_frozen():
    gc.disable()
    gc.collect()
    names = module()
    seen = Seen()
    gc.freeze()
    allocate(500)
    names["strike"](2, 2)
    gc.unfreeze()
    names["strike"](2, 2)
    return result(seen, struck=[4, 0])


def scenario_finalizers():
    """Finalizers that collect, raise, and run operations."""
    gc.disable()
    names = module()
    ran = []

    class Final:
        def __init__(self):
            self.me = self

        def __del__(self):
            ran.append(gc.collect())
            names["around"](0)
            names["strike"](1, 0)

    for _ in range(5):
        Final()
    seen = Seen()
    gc.collect()
    assert len(ran) == 5
    return result(seen, struck=[0, 0])


def scenario_threads():
    names = module()
    seen = Seen()
    gc.set_threshold(50)
    threads = [threading.Thread(target=lambda: (allocate(3000), names["strike"](20, 1))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    gc.disable()
    return result(seen)


def scenario_fork():
    gc.disable()
    names = module()
    seen = Seen()
    names["strike"](3, 2)
    pid = os.fork()
    if pid == 0:
        names["strike"](1, 0)
        os.close(1)
    names["strike"](2, 2)
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    return result(seen, struck=[8, 0], children={"0": 1, "2": 2})


def scenario_large():
    """Collections that take long, each in an operation that takes short without."""
    gc.disable()
    kept = [[] for _ in range(100000)]
    names = module()
    gc.collect()
    for _ in range(20):
        names["around"](1)
        kept = [list(item) for item in kept]
    return {}


def scenario_unasked():
    gc.collect()
    probed.run(SOURCE)["strike"](3, 2)
    return {}


def scenario_visible():
    """Nothing of it: the list, what refers to it, how many objects there are, the count of allocations."""
    namespace = {}
    exec("from gc import callbacks", namespace)

    def shape():
        gc.collect()
        found = gc.callbacks
        return [len(found), type(found).__name__, sys.getrefcount(found), len(gc.get_referrers(found)), gc.get_count(),
                gc.get_threshold(), gc.isenabled(), repr(found), found is namespace["callbacks"]]

    def objects_of(**options):
        gc.collect()
        before = len(gc.get_objects())
        kept = probed.run(SOURCE, filename="/nowhere/%r.py" % options, **options)
        gc.collect()
        return len(gc.get_objects()) - before if kept else 0

    calls = []

    def mine(phase, info):
        calls.append((phase, sorted(info)))

    def wrong(phase, info):
        raise ValueError("from a callback")

    def struck():
        del calls[:]
        names["strike"](1, 2)
        return list(calls)

    gc.disable()
    gc.callbacks.append(mine)
    names = probed.run(SOURCE)
    objects_of(), objects_of()
    before = shape(), struck(), objects_of()
    names = module()
    after = shape(), struck(), objects_of(flags=COLLECTIONS)
    assert before == after, (before, after)
    assert len(before[1]) == 2, before
    hooked = []
    sys.unraisablehook = lambda found: hooked.append((found.object, found.exc_type))
    gc.callbacks.insert(0, wrong)
    assert struck() == before[1]
    assert hooked == [(wrong, ValueError)] * 2, hooked
    del gc.callbacks[:]
    assert struck() == [] and gc.callbacks == []
    return {}


def scenario_deep():
    """At the limit of recursion the collector's call must not fail."""
    names = module()
    hooked = []
    sys.unraisablehook = hooked.append
    gc.set_threshold(1)

    def deep():
        Cycle()
        deep()

    for _ in range(3):
        try:
            deep()
        except RecursionError:
            pass
    gc.disable()
    names["strike"](1, 0)
    assert hooked == [], hooked
    return {}


if __name__ == "__main__":
    print(json.dumps(globals()["scenario_" + sys.argv[1]]()))
