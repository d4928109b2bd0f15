# The second half of faults.py: what processes do with each other. The two are compiled as one program.


def scenario_daemon():
    """Two forks, a session of its own, all descriptors closed, another folder."""
    read, write = os.pipe()
    work(10)
    if os.fork() == 0:
        begin_truth()
        work(20)
        os.setsid()
        if os.fork() > 0:
            os._exit(0)
        begin_truth()
        os.chdir("/")
        os.umask(0)
        done = os.dup2(write, 900)
        os.closerange(0, 900)
        for _ in range(3):
            os.open(os.devnull, os.O_RDWR)
        work(30)
        grow(0)
        fork_and(lambda: work(40))
        work(30)
        sys.stdout = sys.stderr = None
        os.write(done, b"done")
        os._exit(0)
    os.close(write)
    say(os.read(read, 10).decode())
    say(os.read(read, 10).decode())  # the end: both are gone
    work(10)


def scenario_reused_descriptors():
    """All descriptors closed, their numbers given to files of the program: those are its own."""
    work(10)
    os.closerange(3, 1000)
    mine = [os.open("mine-%d" % i, os.O_RDWR | os.O_CREAT) for i in range(3)]
    for fd in range(490, 510):
        os.dup2(mine[0], fd)
    grow(0)
    fork_and(lambda: (work(10), [os.write(fd, b"x") for fd in mine], os.write(500, b"x")))
    for fd in mine + [500]:
        os.write(fd, b"y")
    say([os.fstat(fd).st_size for fd in mine])
    work(10)


def scenario_forks_in_threads():
    """Threads fork while others are in the middle of their operations."""
    children = []

    def fork_some():
        for _ in range(5):
            work(100)
            pid = os.fork()
            if pid == 0:
                begin_truth()
                work(200)
                fail(10)
                os._exit(0)
            children.append(pid)
            work(100)

    stop = []

    def work_on():
        while not stop:
            work(10)

    def fail_on():
        while not stop:
            fail(5)

    others = [threading.Thread(target=target) for target in (fail_on, fail_on)]
    forkers = [threading.Thread(target=fork_some) for _ in range(4)]
    for thread in others + forkers:
        thread.start()
    for thread in forkers:
        thread.join()
    stop.append(1)
    for thread in others:
        thread.join()
    say([os.waitpid(pid, 0)[1] for pid in children])


def scenario_fork_tree():
    """Three generations, each works before, between and after."""

    def generation(depth):
        work(depth)
        if depth:
            fork_and(lambda: generation(depth - 1))
            fork_and(lambda: generation(depth - 1))
        work(depth)
        fail(depth)

    generation(3)


def scenario_parent_goes_on():
    """The parent loads more modules before its child runs its first operation."""
    read, write = os.pipe()
    work(10)
    wait, exit = os.read, os._exit
    pid = os.fork()
    if pid == 0:
        wait(read, 1)
        begin_truth()
        work(10)
        grow(1)
        grow(2)
        fork_and(lambda: work(10))
        exit(0)
    grow(0)
    grow(1)
    work(10)
    os.write(write, b"x")
    say(os.waitpid(pid, 0)[1])


def scenario_fork_and_exec():
    work(10)
    execv, command = os.execv, [sys.executable, "-S"] + sys.argv[:1] + ["exit_now"]
    pid = os.fork()
    if pid == 0:
        execv(command[0], command)
    say(os.waitpid(pid, 0)[1])
    work(10)


def pool_work(n):
    if globals().get("_truth_pid") != os.getpid():
        start_truth()
    work(n)
    return n


def start_truth():
    global _truth_pid
    _truth_pid = os.getpid()
    begin_truth()


def endless(_):
    start_truth()
    forever()


def counting():
    """Files of the processes that have counted something."""
    found = []
    for name in os.listdir(HOME):
        if name.startswith("truth-"):
            with open(os.path.join(HOME, name), "rb") as file:
                found += [name] if any(file.read()) else []
    return found


def pool(method):
    import multiprocessing

    work(10)
    context = multiprocessing.get_context(method)
    with context.Pool(2) as workers:
        say(sum(workers.map(pool_work, [100] * 20)))
        workers.close()
        workers.join()
    known = len(counting())
    workers = context.Pool(2)
    workers.map_async(endless, range(2))
    while len(counting()) < known + 2:
        time.sleep(0.01)
    workers.terminate()
    workers.join()
    work(10)


def scenario_pool_fork():
    pool("fork")


def scenario_pool_spawn():
    pool("spawn")


def scenario_pool_forkserver():
    pool("forkserver")


if __name__ == "__main__":
    begin_truth()
    _truth_pid = os.getpid()
    globals()["scenario_" + sys.argv[1]]()
