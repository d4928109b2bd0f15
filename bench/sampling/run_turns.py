"""Runs a program as it is and with probes by turns, and prints what the latter takes by the former, as JSON.

usage: python run_turns.py PLAIN PROBED MODULE SECONDS BLOCKS

PLAIN and PROBED are folders with the modules of the program. A block is A B B A A B B A, each of them main(n) for about
SECONDS of CPU time; its ratio is the CPU time of B by that of A, of all threads. A machine that becomes faster or slower meanwhile does so for both.
"""
import json
import sys
import time


def load(folder, module):
    """The program in modules of its own."""
    before = set(sys.modules)
    sys.path.insert(0, folder)
    main = __import__(module).main
    main(1)  # imports, caches and the interpreter's specialization are no tool's cost
    main(1)
    sys.path.remove(folder)
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(folder):
            del sys.modules[name]
    return main


def cpu_of(main, n):
    begin = time.process_time()
    result = main(n)
    return time.process_time() - begin, repr(result)


def size_of(main, seconds):
    n, took = 1, cpu_of(main, 1)[0]
    while took < seconds / 2:
        n *= 2
        took = cpu_of(main, n)[0]
    return max(1, round(n * seconds / took))


def block(mains, n):
    sums, results = [0.0, 0.0], set()
    for side in (0, 1, 1, 0, 0, 1, 1, 0):
        took, result = cpu_of(mains[side], n)
        sums[side] += took
        results.add(result)
    if len(results) > 1:
        raise SystemExit("another result with probes: %r" % (results,))
    return sums[1] / sums[0]


plain, probed, module, seconds, blocks = sys.argv[1:]
mains = [load(plain, module), load(probed, module)]
n = size_of(mains[0], float(seconds))
print(json.dumps([block(mains, n) for _ in range(int(blocks))]))
