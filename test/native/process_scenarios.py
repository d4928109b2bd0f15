"""Scenarios of processes: forks, ends of all kinds, files that cannot be written. Run by scenarios.py."""
import json
import os
import sys
import threading

import probed
from scenario_module import BASIC, WORK, basic_module, fork_and, path, times, work


def scenario_fork():
    """Parent 2, child 1, grandchild 1; an operation open at the fork counts in the parent alone."""
    module = basic_module()
    work(module)

    def child():
        work(module)
        fork_and(lambda: work(module))

    -module["PROBES"][0]
    fork_and(lambda: (~module["PROBES"][0], child()))
    ~module["PROBES"][0]
    work(module)
    return {"counts": dict(times(WORK, 4), P0=4001), "processes": 3, "lost": {"spans": 4, "ends": 4}}


def scenario_fork_in_thread():
    module = basic_module()
    thread = threading.Thread(target=lambda: fork_and(lambda: work(module)))
    thread.start()
    thread.join()
    work(module)
    return {"counts": times(WORK, 2), "processes": 2, "lost": {"spans": 2, "ends": 2}}


def scenario_fork_then_attach():
    module = basic_module()

    def child():
        other = basic_module(filename="/nowhere/child.py")
        other["loop"](5)
        module["loop"](7)

    fork_and(child)
    module["loop"](10)
    return {"counts": {"P0": 22}, "processes": 2}


def scenario_quiet_children():
    import subprocess

    module = basic_module()
    module["loop"](10)
    for _ in range(3):
        subprocess.run([sys.executable, "-S", "-c", "pass"], check=True)
        fork_and(lambda: None)
    return {"counts": {"P0": 10}, "processes": 1}


def child_of_multiprocessing(_):
    work(basic_module())


def scenario_multiprocessing():
    import multiprocessing

    work(basic_module())
    methods = ["fork", "spawn", "forkserver"]
    for method in methods:
        process = multiprocessing.get_context(method).Process(target=child_of_multiprocessing, args=(0,))
        process.start()
        process.join()
        assert process.exitcode == 0
    return {"counts": times(WORK, 4), "processes": 4, "lost": {"spans": 4, "ends": 4}}


def scenario_chdir_and_closed_files():
    module = basic_module()
    os.chdir("/")
    os.closerange(3, 5000)
    work(module)
    big = "def f():\n    if SKIP: " + "; ".join('-"P%d"' % i for i in range(3000)) + "\n"
    for i in range(3):
        probed.run(big, filename="/nowhere/big%d.py" % i)
    fork_and(lambda: work(module))
    return {"counts": times(WORK, 2), "processes": 2, "lost": {"spans": 2, "ends": 2}}


def scenario_removed_file():
    module = basic_module()
    os.remove(path())
    os.closerange(3, 5000)
    work(module)
    big = "def f():\n    if SKIP: " + "; ".join('-"P%d"' % i for i in range(3000)) + "\n"
    namespace = probed.run(big, filename="/nowhere/big.py")
    work(module)
    return {"counts": {}, "processes": 0, "patched": namespace["f"].__code__.co_consts.count(0) == 0}


def scenario_unwritable():
    """No file, one message; the program and its children run as the originals."""
    namespace = probed.run(BASIC)
    namespace["PROBES"] = {4: 0}
    work(namespace)
    fork_and(lambda: probed.run(BASIC, filename="/nowhere/child.py"))
    return {"counts": {}, "processes": 0}


def scenario_full():
    """The file may not grow: what had counters keeps them, the rest is counted as missing; one message."""
    import resource

    module = basic_module()
    size = os.stat(path()).st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    big = "def f():\n    if SKIP: " + "; ".join('-"P%d"' % i for i in range(3000)) + "\n"
    for i in range(3):
        probed.run(big, filename="/nowhere/big%d.py" % i)
    work(module)
    return {"counts": WORK, "lost": {"spans": 1, "ends": 1, "unrecordedSites": 9000}}


def scenario_exec():
    if "again" not in sys.argv:
        work(basic_module())
        os.execv(sys.executable, [sys.executable, sys.argv[0], "exec", "again"])
    work(basic_module())
    return {"counts": times(WORK, 2), "processes": 2, "lost": {"spans": 2, "ends": 2}}


def die(how):
    work(basic_module())
    print(json.dumps({"counts": WORK, "finished": False, "lost": {"spans": 1, "ends": 1}}))
    sys.stdout.flush()
    how()


def scenario_exit_now():
    die(lambda: os._exit(0))


def scenario_kill():
    die(lambda: os.kill(os.getpid(), 9))


def scenario_abort():
    die(os.abort)


def scenario_segfault():
    import ctypes

    die(lambda: ctypes.string_at(0))


def scenario_shutdown():
    """Probes that run while the interpreter goes away."""
    import atexit

    module = basic_module()

    class Last:
        def __del__(self, loop=module["loop"]):
            loop(5)

    sys.last_of_all = Last()
    atexit.register(module["loop"], 10)
    threading.Thread(target=threading.Event().wait, daemon=True).start()
    return {"counts": {"P0": 15}}
