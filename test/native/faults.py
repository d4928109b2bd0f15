"""What may happen to a program while it is recorded; compiled and instrumented by faults.test.ts, run as it is as well.

Each process keeps the true counts of its executions of `c.x` and `c.missing` in a file of its own, mapped like the
profile: what was counted when the process ends is there, however it ends. Each thread has two numbers in it.
"""
import itertools
import mmap
import os
import signal
import sys
import threading
import time

HOME = os.getcwd()


class C:
    x = 1


c = C()


def begin_truth():
    """The file of this process; to be called by each child."""
    global truth, mine, slots, _truth_map
    fd = os.open(os.path.join(HOME, "truth-%d" % os.getpid()), os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666)
    os.ftruncate(fd, 4096)
    _truth_map = mmap.mmap(fd, 4096)
    os.close(fd)
    truth = memoryview(_truth_map).cast("Q")
    mine = threading.local()
    slots = itertools.count()


def slot():
    """Index of this thread's numbers."""
    if "slot" not in mine.__dict__:
        mine.slot = 2 * next(slots)
    return mine.slot


def work(n):
    at = slot()
    for _ in range(n):
        c.x
        truth[at] += 1


def fail(n):
    at = slot() + 1
    for _ in range(n):
        try:
            c.missing
        except AttributeError:
            truth[at] += 1


def forever():
    at = slot()
    while True:
        c.x
        truth[at] += 1


def say(*words):
    os.write(1, (" ".join([str(word) for word in words]) + "\n").encode())


def fork_and(action):
    pid = os.fork()
    if pid == 0:
        begin_truth()
        action()
        os._exit(0)
    status = os.waitpid(pid, 0)[1]
    say("child", status)
    return pid


def profile():
    """Path of this process's profile; a file of the test where nothing is recorded."""
    names = [name for name in os.listdir(HOME) if name.startswith("pyrewrite-%d" % os.getpid())]
    return os.path.join(HOME, names[0] if names else "standin")


def grow(number):
    """Loads a module of 3000 operations, and runs it."""
    module = __import__("big%d" % number)
    say("big", module.f(C()))


# ---- ends


def scenario_exit_now():
    work(1000)
    fail(100)
    os._exit(3)


def scenario_abort():
    work(1000)
    fail(100)
    os.abort()


def scenario_segfault():
    import ctypes

    work(1000)
    fail(100)
    ctypes.string_at(0)


def scenario_segfault_in_thread():
    import ctypes

    threading.Thread(target=forever, daemon=True).start()
    threading.Thread(target=forever, daemon=True).start()
    while sum(truth) < 10000:
        time.sleep(0.001)
    ctypes.string_at(0)


def scenario_alarm():
    """A signal's default action ends it in the middle of the loop."""
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    forever()


def scenario_cpu_limit():
    import resource

    fail(10)
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CPU, (1, 1))
    forever()


def scenario_out_of_memory():
    """The address space is limited after the profile is there; the program is told, and goes on."""
    import resource

    work(1000)
    resource.setrlimit(resource.RLIMIT_AS, (700 << 20, 700 << 20))
    say("enough", len(bytearray(300 << 20)))
    work(1000)
    try:
        bytearray(1 << 30)
    except MemoryError:
        say("MemoryError")
    work(1000)


def scenario_address_space():
    """Limited before the profile is there: little room for anything."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (300 << 20, 300 << 20))
    grow(0)
    grow(1)
    say("enough", len(bytearray(100 << 20)))
    work(1000)


def scenario_oom_kill():
    """The test has put this process into a control group of 64 MB."""
    work(1000)
    threading.Thread(target=forever, daemon=True).start()
    hoard = []
    while True:
        hoard.append(bytes(1 << 20).replace(b"\0", b"x"))


# ---- the file and its folder


def scenario_plain():
    work(1000)
    fail(100)
    grow(0)
    work(1000)
    say("done")


def scenario_removed_file():
    work(1000)
    if os.path.exists(profile()):
        os.remove(profile())
    grow(0)
    work(1000)
    say("done")


def scenario_removed_folder():
    import shutil

    work(1000)
    shutil.rmtree("out")
    os.closerange(3, 2000)
    grow(0)
    fork_and(lambda: work(10))
    work(1000)
    say("done")


def truncate_by_another(size):
    import subprocess

    subprocess.run(["sh", "-c", "touch %s; truncate -s %d %s" % (profile(), size, profile())], check=True)


def scenario_cut_to_nothing():
    work(1000)
    truncate_by_another(0)
    work(1000)
    fail(100)
    grow(0)
    fork_and(lambda: work(10))
    say("done")


def scenario_cut_in_the_middle():
    work(1000)
    truncate_by_another(4096)
    work(1000)
    fail(100)
    grow(0)
    grow(1)
    fork_and(lambda: work(10))
    say("done")


def scenario_cut_before_fork():
    """The child is the first to touch what is gone."""
    work(1000)
    truncate_by_another(0)
    pid = os.fork()
    if pid == 0:
        begin_truth()
        work(1000)
        os._exit(0)
    os.waitpid(pid, 0)
    say("done")


def scenario_cut_with_faulthandler():
    """faulthandler reports the signal and sends it again."""
    import faulthandler

    work(1000)
    faulthandler.enable(open(os.devnull, "w"))
    truncate_by_another(0)
    work(1000)
    say("done")


def scenario_own_bus_error():
    """A SIGBUS that is the program's own ends it."""
    work(1000)
    with open("own", "w+b") as file:
        file.truncate(8192)
        data = mmap.mmap(file.fileno(), 8192)
        file.truncate(0)
    data[0]


def scenario_bus_error_from_outside():
    work(1000)
    os.kill(os.getpid(), signal.SIGBUS)


def scenario_bus_error_handled():
    work(1000)
    signal.signal(signal.SIGBUS, lambda *_: say("handled"))
    os.kill(os.getpid(), signal.SIGBUS)
    work(10)


def scenario_file_size():
    import resource

    work(1000)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300 << 10, 300 << 10))
    grow(0)
    fork_and(lambda: work(10))
    work(1000)
    say("done")


def scenario_few_files():
    """The program may open as many files as without us, and they have the same numbers."""
    import resource

    resource.setrlimit(resource.RLIMIT_NOFILE, (20, 20))
    work(1000)
    files = []
    try:
        while True:
            files.append(os.open(os.devnull, os.O_RDONLY))
    except OSError as error:
        say(error, files)
    try:
        grow(0)
    except (ImportError, OSError):
        say("too many")  # the module's own file
    for fd in files:
        os.close(fd)
    grow(1)
    say(os.open(os.devnull, os.O_RDONLY))
    fork_and(lambda: (work(10), say(os.open(os.devnull, os.O_RDONLY))))
    work(1000)


def scenario_many_processes():
    """One more process is not allowed (RLIMIT_NPROC holds for users other than root)."""
    import resource

    work(1000)
    if os.getuid() == 0:
        os.setgid(65534)
        os.setuid(65534)
    resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))
    try:
        os.fork()
        say("forked")
    except OSError as error:
        say(type(error).__name__)
    try:
        threading.Thread(target=work, args=(10,)).start()
        say("started")
    except RuntimeError as error:
        say(type(error).__name__)
    work(1000)


def scenario_other_user():
    """Root becomes nobody, who may write neither to the file by its name nor to the folder."""
    work(1000)
    os.setgid(65534)
    os.setuid(65534)
    grow(0)
    work(1000)
    pid = os.fork()
    if pid == 0:
        for _ in range(10):
            c.x
        os._exit(0)
    say(os.waitpid(pid, 0)[1])


def scenario_timers():
    """Signals of a fast timer, while the file grows."""
    seen = []
    signal.signal(signal.SIGALRM, lambda *_: seen.append(1))
    signal.setitimer(signal.ITIMER_REAL, 0.0002, 0.0002)
    grow(0)
    grow(1)
    fork_and(lambda: work(10))
    work(20000)
    signal.setitimer(signal.ITIMER_REAL, 0, 0)
    say("done", len(seen) > 0)


def scenario_everything():
    """All that is done with files: begin, grow, fork, open again, end."""
    work(100)
    grow(0)
    fork_and(lambda: (work(50), grow(1), work(50)))
    os.closerange(400, 600)
    grow(2)
    fail(10)
    work(100)
    say("done")
