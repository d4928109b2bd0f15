"""What the runtime must survive: `python scenarios.py NAME`. Prints what it did as JSON: the true counts of sites."""
import json
import os
import sys
import threading

import probed
from control_scenarios import *  # noqa: F403  found by name
from process_scenarios import *  # noqa: F403  found by name
from scenario_module import BASIC, WORK, basic_module, fork_and, fresh, path, probes_of, times, work


def scenario_basic():
    work(basic_module())
    return {"counts": WORK, "raised": {"P4": 50}, "lost": {"spans": 1, "ends": 1}}


def scenario_reload():
    code = probed.probed(BASIC)
    first, second, third = {}, {}, {}
    exec(code, first)
    exec(code, second)  # the same code object, already patched
    exec(probed.probed(BASIC), third)  # the same module, loaded again
    for namespace in (first, second, third):
        namespace["PROBES"] = probes_of(namespace)
        work(namespace)
    same = first["PROBES"][0] is second["PROBES"][0] is third["PROBES"][0]
    other = basic_module(filename="/nowhere/other.py")
    assert other["PROBES"][0] is not first["PROBES"][0]
    return {"counts": times(WORK, 3), "same": same, "lost": {"spans": 3, "ends": 3}}


def scenario_threads():
    module = basic_module()
    threads = [threading.Thread(target=work, args=(module,)) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"counts": times(WORK, 16), "lost": {"spans": 16, "ends": 16}}


def scenario_busy_threads():
    """Threads that take turns as often as can be, and load modules meanwhile: one of all, and each its own."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    codes = [probed.probed(BASIC, "/nowhere/%d.py" % i) for i in range(5)]

    def body(number):
        for code in (codes[0], codes[number], probed.probed(BASIC, "/nowhere/same.py")):
            namespace = {}
            exec(code, namespace)
            namespace["PROBES"] = probes_of(namespace)
            work(namespace)

    threads = [threading.Thread(target=body, args=(i + 1,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.setswitchinterval(interval)
    return {"counts": times(WORK, 12), "lost": {"spans": 12, "ends": 12}}


def scenario_await():
    import asyncio

    module = probed.run("""
import asyncio

async def sleeper(seconds):
    await asyncio.sleep(seconds)

async def waits(n):
    if SKIP: -"A0"
    for i in range(n):
        -"A0"
        await sleeper(0.001)
        ~"A0"

async def main():
    await asyncio.gather(*[waits(10) for i in range(20)])

def abandoned():
    coroutine = waits(1)
    try:
        coroutine.send(None)
    except RuntimeError:
        pass
    return coroutine
""")
    asyncio.run(module["main"]())
    return {"counts": {"A0": 200}, "atLeastNs": {"A0": 200 * 900000}}


def scenario_refused():
    """Tables that do not fit: the code stays as it is."""
    import random
    import struct

    rng = random.Random(1)
    refused = 0

    def cut(table):
        return table[:-rng.randrange(1, len(table))]

    def damage(table):
        table = bytearray(table)
        for _ in range(rng.randrange(1, 4)):
            at = rng.randrange(8, 64 + 32 * 8)
            table[at] = rng.randrange(256)
        return bytes(table)

    def other_python(table):
        return table[:40] + struct.pack("<I", 0x0207) + table[44:]

    damaged = 0
    for i in range(300):
        for edit in (cut, damage, other_python):
            namespace = probed.run(BASIC, filename="/nowhere/%d.py" % i, edit=edit)
            namespace["PROBES"] = {4: 0}
            work(namespace)
            damaged += edit is damage
            refused += edit is not damage
    # not bytes, not ours, too short
    import _pyrewrite

    for wrong in (b"", 5, None, "text", b"PYRWSITE", bytes(1000)):
        assert _pyrewrite.attach_1 - wrong is None
    try:
        assert 5 - _pyrewrite.attach_1 is None
    except TypeError:
        pass
    return {"counts": {}, "refusedAtLeast": refused}


def scenario_objects():
    import copy
    import dis
    import pickle

    module = basic_module()
    probe = module["PROBES"][0]
    assert "probe" in repr(probe)
    assert copy.copy(probe) == 0 and copy.deepcopy(probe) == 0 and pickle.loads(pickle.dumps(probe)) == 0
    assert type(pickle.loads(pickle.dumps(probe))) is int
    assert hash(probe) == hash(probe) and probe == probe and probe != 0
    dis.dis(module["loop"], file=open(os.devnull, "w"))
    module["loop"].__code__.replace(co_name="x")
    try:
        type(probe)()
        raise AssertionError("a probe without a site")
    except TypeError:
        pass
    nones = sys.getrefcount(None)
    module["loop"](1000)
    assert abs(sys.getrefcount(None) - nones) < 100, (nones, sys.getrefcount(None))
    return {"counts": {"P0": 1000}}


def scenario_traced():
    """A tracer sees the program and nothing of ours."""
    seen = set()

    def tracer(frame, event, argument):
        seen.add((frame.f_code.co_filename, event))
        return tracer

    code = probed.probed(BASIC)
    namespace = {}
    sys.settrace(tracer)
    exec(code, namespace)
    sys.settrace(None)
    assert ("/nowhere/module.py", "line") in seen
    assert not [name for name, _ in seen if "pyrewrite" in os.path.basename(name)], seen
    namespace["loop"](10)
    return {"counts": {"P0": 10}}


def scenario_subinterpreter():
    for name in ("_interpreters", "_xxsubinterpreters"):
        try:
            interpreters = __import__(name)
            break
        except ImportError:
            pass
    else:
        return {"counts": {}, "skipped": True}
    module = basic_module()
    folder = os.path.dirname(os.path.abspath(__file__))
    source = "import sys; sys.path[:0] = %r\nimport probed\n" % (sys.path + [folder],)
    source += "m = probed.run(%r)\nm['loop'](10)\n" % BASIC
    interpreter = interpreters.create()
    run = getattr(interpreters, "exec", None) or interpreters.run_string
    result = run(interpreter, source)
    assert result is None, result
    interpreters.destroy(interpreter)
    module["loop"](3)
    return {"counts": {"P0": 3}}


def scenario_service():
    """The client of the instrumenting service: it waits without the GIL, since the service is a thread here."""
    import socket
    import struct
    import tempfile

    import _pyrewrite

    folder = tempfile.mkdtemp()
    address = os.environ["PYREWRITE_SOCKET"] = os.path.join(folder, "s")
    assert _pyrewrite.instrument(b"code", "x.py") is None  # nobody there
    requests, connections = [], []

    def read(connection, length):
        data = b""
        while len(data) < length:
            piece = connection.recv(length - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data

    def answer(connection):
        try:
            while True:
                length, python, name_length = struct.unpack("<IHH", read(connection, 8))
                name = read(connection, name_length).decode()
                code = read(connection, length - 4 - name_length)
                requests.append((python, name, len(code)))
                reply = b"" if name == "plain.py" else code[::-1]
                connection.sendall(struct.pack("<I", len(reply)) + reply)
        except EOFError:
            pass

    def accept(listener):
        while True:
            try:
                connection = listener.accept()[0]
            except OSError:
                return
            connections.append(connection)
            threading.Thread(target=answer, args=(connection,), daemon=True).start()

    def listen():
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(address)
        listener.listen(20)
        threading.Thread(target=accept, args=(listener,), daemon=True).start()
        return listener

    listener = listen()
    code = os.urandom(1 << 20)
    for _ in range(5):
        assert _pyrewrite.instrument(code, "dir/\u00e9.py") == code[::-1]
    assert _pyrewrite.instrument(b"x", "plain.py") is None
    assert len(connections) == 1, len(connections)
    assert requests[0] == (sys.version_info[0] << 8 | sys.version_info[1], "dir/\u00e9.py", 1 << 20)
    results = []
    threads = [threading.Thread(target=lambda: results.append(_pyrewrite.instrument(code, "y.py") == code[::-1])) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 8
    before = len(connections)
    pid = os.fork()
    if pid == 0:  # a connection of its own
        os._exit(_pyrewrite.instrument(b"child", "z.py") != b"dlihc")
    assert os.waitpid(pid, 0)[1] == 0
    assert len(connections) == before + 1
    # the service goes away and comes back
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    for connection in connections:
        connection.shutdown(socket.SHUT_RDWR)
    os.remove(address)
    assert _pyrewrite.instrument(b"x", "x.py") is None
    listener = listen()
    assert _pyrewrite.instrument(b"xyz", "x.py") == b"zyx"
    for wrong in ((), (b"x",), ("x", "y"), (b"x", b"y")):
        try:
            _pyrewrite.instrument(*wrong)
            raise AssertionError(wrong)
        except TypeError:
            pass
    os.remove(address)
    os.rmdir(folder)
    return {"counts": {}, "processes": 0}


def scenario_off():
    namespace = probed.run(BASIC)
    namespace["PROBES"] = {4: 0}
    work(namespace)
    assert path() is None
    return {"counts": {}, "processes": 0}


def scenario_many_sites():
    """100,000 sites: the file's size and the memory per site."""
    source = "def f():\n    if SKIP: " + "; ".join('-"P%d"' % i for i in range(2000))
    source += "\n    else:\n" + "".join('        -"P%d"; ~"P%d"\n' % (i, i) for i in range(2000))
    code = probed.probed(source)
    for i in range(50):
        namespace = {}
        exec(code.replace(co_filename="/nowhere/%d.py" % i, co_consts=fresh(code.co_consts)), namespace)
        namespace["f"]()
    size = os.stat(path()).st_size
    return {"counts": {"P0": 50, "P1999": 50}, "size": size, "total": 100000}


if __name__ == "__main__":
    print(json.dumps(globals()["scenario_" + sys.argv[1]]() or {}))
