"""Heavy use, with counts that the program knows; compiled and instrumented by torture.test.ts."""
import mmap
import os
import random
import sys
import threading

HOME = os.getcwd()


class C:
    x = 1


c = C()


def begin_truth():
    global truth, _truth_map
    fd = os.open(os.path.join(HOME, "truth-%d" % os.getpid()), os.O_RDWR | os.O_CREAT, 0o666)
    os.ftruncate(fd, 4096)
    _truth_map = mmap.mmap(fd, 4096)
    os.close(fd)
    truth = memoryview(_truth_map).cast("Q")


# ---- threads


def mixed(slot, n):
    """Three successes and one exception, one of two through a frame that lets it pass."""

    def passes_on():
        return c.missing

    at = 2 * slot
    for i in range(n):
        c.x
        truth[at] += 1
        c.x
        truth[at] += 1
        c.x
        truth[at] += 1
        try:
            passes_on() if i & 1 else c.missing
        except AttributeError:
            truth[at + 1] += 1


def scenario_threads():
    sys.setswitchinterval(1e-5)
    count, n = int(sys.argv[2]), int(sys.argv[3])
    threads = [threading.Thread(target=mixed, args=(slot, n)) for slot in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(sum(truth))


# ---- processes that are killed at any moment


def forever(slot):
    while True:
        mixed(slot, 1 << 30)


def scenario_until_killed():
    """Ends by the test's signal; grows and forks meanwhile."""
    for slot in range(1, 4):
        threading.Thread(target=forever, args=(slot,), daemon=True).start()
    os.write(1, b"ready\n")
    mixed(0, 2000)
    __import__("big0").f(c)
    mixed(0, 2000)
    __import__("big1").f(c)
    forever(0)


# ---- a random nest of operations


class Failure(Exception):
    pass


def draw(limit):
    return rng.randrange(limit)


def leaf(depth):
    return draw(10)


def loop(depth):
    return sum([choose(depth) for _ in range(draw(3))])


def recursive(depth):
    return depth and recursive(depth - 1) + choose(depth)


def generator(depth):
    for _ in range(draw(4)):
        yield choose(depth)


def consumer(depth):
    total = 0
    for value in generator(depth):
        total += value
        if draw(5) == 0:
            break
    return total


def fails(depth):
    choose(depth)
    if draw(2):
        raise Failure()
    return 1


def catches(depth):
    try:
        return fails(depth) + fails(depth)
    except Failure:
        return choose(depth)
    finally:
        leaf(depth)


def with_callback(depth):
    return sorted([draw(9) for _ in range(4)], key=lambda value: (value + choose(min(depth, 1))) % 7)[0]


def by_comprehension(depth):
    return len({draw(5): choose(depth) for _ in range(draw(4))})


KINDS = [leaf, loop, recursive, consumer, catches, with_callback, by_comprehension]


def choose(depth):
    global chosen
    chosen += 1
    if depth <= 0 or chosen > limit:
        return 1
    return KINDS[draw(len(KINDS))](depth - 1)


def scenario_nest():
    """Everything happens inside of one call of the module: its time is the sum of all times."""
    global rng, chosen, limit
    rng = random.Random(int(sys.argv[2]))
    chosen, limit = 0, int(sys.argv[3])
    while chosen < limit:
        choose(6)
    print(chosen)


def scenario_recursion():
    """Ten activations of one place inside each other, each with a millisecond of its own: ten and not fifty-five."""
    from time import perf_counter_ns as now
    from time import sleep

    def slow(depth):
        sleep(0.001)
        if depth:
            slow(depth - 1)

    start = now()
    slow(10)
    print(now() - start)


def main():
    begin_truth()
    globals()["scenario_" + sys.argv[1]]()


if __name__ == "__main__":
    main()
