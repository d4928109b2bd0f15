"""`python leaks.py CYCLES FOLDER`: loads an instrumented module again and again, and prints what the process then holds.

Each cycle is a new thread that loads the module of FOLDER/cycled.pyc as new code objects, runs its operations and
ends. Every hundredth imports it by its name. Prints JSON: what the process holds after a tenth of the cycles and at
the end, and the number of cycles.
"""
import _thread
import gc
import importlib
import json
import marshal
import os
import sys
import time

CYCLES, FOLDER = int(sys.argv[1]), sys.argv[2]
sys.path.insert(0, FOLDER)
sys.dont_write_bytecode = True

with open(os.path.join(FOLDER, "cycled.pyc"), "rb") as file:
    DATA = file.read()[16:]


def import_again():
    sys.modules.pop("cycled", None)
    importlib.invalidate_caches()
    return vars(importlib.import_module("cycled"))


def cycle(number, done):
    try:
        if number % 100 == 0:
            namespace = import_again()
        else:
            namespace = {"__name__": "cycled"}
            exec(marshal.loads(DATA), namespace)
        namespace["work"](number)
    finally:
        done.release()


def run(first, last):
    done = _thread.allocate_lock()
    done.acquire()
    for number in range(first, last):
        _thread.start_new_thread(cycle, (number, done))
        done.acquire()


def held():
    # threads are over a little later than they say
    end = time.monotonic() + 60
    while len(os.listdir("/proc/self/task")) > 1 and time.monotonic() < end:
        time.sleep(0.01)
    gc.collect()
    with open("/proc/self/statm") as file:
        resident = int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    with open("/proc/self/maps") as file:
        maps = len(file.readlines())
    import _pyrewrite

    return {
        "resident": resident,
        "maps": maps,
        "descriptors": len(os.listdir("/proc/self/fd")),
        "blocks": sys.getallocatedblocks(),
        "file": os.path.getsize(_pyrewrite.profile_path()),
    }


run(0, CYCLES // 10)
early = held()
run(CYCLES // 10, CYCLES)
print(json.dumps({"cycles": CYCLES, "early": early, "late": held()}))
