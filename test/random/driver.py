"""Compiles programs, and runs compiled ones each in a process of its own, forked from this one.

    python driver.py compile JOBS.json   JOBS: [[source path, pyc path], ...]; prints [null or an error, ...]
    python driver.py run JOBS.json FOLDER   JOBS: [[pyc path, ends], ...]; prints [result, ...], see main

A program's module is __main__, as for `python program.py`; FOLDER is where profiles appear.
Where `ends` is true its interpreter ends as usual, which takes some time.
"""
import gc
import json
import marshal
import os
import signal
import sys
import types
import warnings

SECONDS = 20
LONGEST = 1 << 20
HEADER_BYTES = 512


def compile_all(jobs):
    warnings.simplefilter("ignore")
    results = []
    for source, pyc in jobs:
        try:
            with open(source, encoding="utf-8") as file:
                code = compile(file.read(), source, "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError) as error:
            results.append("%s: %s" % (type(error).__name__, error))
            continue
        from importlib._bootstrap_external import _code_to_timestamp_pyc
        with open(pyc, "wb") as file:
            file.write(_code_to_timestamp_pyc(code, 0, 0))
        results.append(None)
    return results


def become(pyc):
    """In the child: runs the program as __main__."""
    with open(pyc, "rb") as file:
        code = marshal.loads(file.read()[16:])
    module = types.ModuleType("__main__")
    module.__file__ = code.co_filename
    sys.argv[:] = [code.co_filename]
    sys.modules["__main__"] = module
    signal.alarm(SECONDS)
    return code, module.__dict__


def leave(code, namespace):
    """Runs to the end and leaves at once: an interpreter takes longer to end than most programs run."""
    status = 0
    try:
        exec(code, namespace)
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else int(error.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        status = 1
    namespace.clear()
    sys.stdout.flush()
    os._exit(status & 255)


def take(path):
    with open(path, "rb") as file:
        data = file.read(LONGEST)
    return data.decode("utf-8", "backslashreplace")


def take_profile(folder, pid):
    path = os.path.join(folder, "pyrewrite-%d.prof" % pid)
    try:
        with open(path, "rb") as file:
            head = file.read(HEADER_BYTES)
        os.unlink(path)
    except FileNotFoundError:
        return None
    return head.hex()


def start(pyc, ends, out, err):
    pid = os.fork()
    if pid:
        return pid
    for number, path in ((1, out), (2, err)):
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(opened, number)
        os.close(opened)
    code, namespace = become(pyc)
    if not ends:
        leave(code, namespace)
    exec(code, namespace)
    return 0


def run_all(jobs, folder):
    out, err = os.path.join(folder, "out"), os.path.join(folder, "err")
    results = []
    for pyc, ends in jobs:
        pid = start(pyc, ends, out, err)
        if not pid:
            return None
        _, status = os.waitpid(pid, 0)
        results.append({"status": status, "stdout": take(out), "stderr": take(err), "head": take_profile(folder, pid)})
    return results


def preload():
    """What programs import, and what that imports when it is used: once for all of them."""
    import asyncio, contextlib, functools, threading, traceback, weakref  # noqa: E401, F401
    try:
        import _pyrewrite  # noqa: F401: measures its own cost
    except ImportError:
        pass
    try:
        {}["key"].attribute
    except KeyError:
        traceback.format_exc()
    asyncio.run(asyncio.sleep(0))
    gc.collect()
    gc.freeze()
    # collections happen when so many objects were made: not at the same places in both programs
    gc.disable()


def main(command, path, folder=None):
    with open(path) as file:
        jobs = json.load(file)
    if command == "compile":
        results = compile_all(jobs)
    else:
        preload()
        results = run_all(jobs, folder)
    if results is not None:
        json.dump(results, sys.stdout)


main(*sys.argv[1:])
