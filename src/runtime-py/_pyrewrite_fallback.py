"""The recorder in Python, for machines without a C compiler; installed as `_pyrewrite.py`.

It speaks the same protocol as the C module (native/) and writes the same file, with three differences: a pair of
probes costs about a microsecond, times come from `time.perf_counter_ns`, and the file is written when the process
ends: one that is killed leaves none. Counts are exact. Probes are Python functions here, so tracers and profilers of
the program see them, and they use up one level of recursion. Its header says `perf_counter` and COARSE.
"""
import atexit
import os
import struct
import sys
from _thread import _local, allocate_lock
from time import monotonic_ns, perf_counter_ns, time_ns

from _pyrewrite_profile import TOTAL, Thread, choose_pattern, path_of, profile_bytes

__version__ = "0.1.0"

_NO_PARENT = 0xFFFFFFFF
_NESTED, _WARM_UP, _ROUNDS = 16, 20, 40

# Code with blocks ends an operation by a jump on the probe, which is false; elsewhere its truth tells of an exception.
_ENDS_BY_TRUTH = sys.version_info < (3, 11)


class _Recorder:
    """What this process recorded."""

    def __init__(self):
        self.pid = os.getpid()
        self.forks = 0
        self.lock = allocate_lock()
        self.tables = {}  # (co_filename, table) -> probes
        self.site_count = 0
        self.inner = self.pair = 0
        self.header = {"inner": 0.0, "pair": 0.0, "spread": 0.0, "floor": 1.0}
        self.calibrated = False
        self.facts = self.gather_facts()
        self.reset()

    def reset(self):
        self.start = (perf_counter_ns(), monotonic_ns(), time_ns())
        self.threads = []
        self.local = _local()
        self.awaits = {}
        self.refused = self.abandoned = 0
        self.off_since = None if _control.on else self.start[0]
        self.off = self.switches = 0

    def switched(self, on):
        self.switches += 1
        now = perf_counter_ns()
        if on:
            self.off += now - self.off_since
        self.off_since = None if on else now

    def gather_facts(self):
        facts = [("host", os.uname().nodename), ("executable", sys.executable or ""), ("python", sys.version)]
        try:
            facts.insert(0, ("cwd", os.getcwd()))
        except OSError:
            pass
        arguments = getattr(sys, "orig_argv", None) or getattr(sys, "argv", [])
        return facts + [("argument", str(argument)) for argument in arguments]

    def thread(self):
        """State of the current thread: open operations, counters by site, open operations by site."""
        try:
            return self.local.state
        except AttributeError:
            state = self.local.state = Thread()
            self.threads.append(state)
            return state


class _Placeholder:
    """What a copy or a pickle of a probe is made of: it becomes int() == 0."""

    __slots__ = ()

    def __reduce__(self):
        return (int, ())


class Probe(_Placeholder):
    """A constant whose unary operators open and close an operation."""

    __slots__ = ("site",)

    def __init__(self, site):
        self.site = site

    def __repr__(self):
        return "<pyrewrite probe %d>" % self.site

    def __neg__(self):
        thread = _recorder.thread()
        site = self.site
        if not _control.on and site >= 0:
            thread.skip()
            return
        thread.active[site] = thread.active.get(site, 0) + 1
        span = [site, 0, 0, 0]  # site, start, time of operations inside, pairs inside
        thread.stack.append(span)
        span[1] = perf_counter_ns()

    def __invert__(self):
        self._end(perf_counter_ns(), 0)

    def __pos__(self):
        self._end(perf_counter_ns(), 1)

    def __bool__(self):
        self._end(perf_counter_ns(), not _ENDS_BY_TRUTH)
        return not _ENDS_BY_TRUTH

    def _end(self, now, raised):
        thread = _recorder.thread()
        site = self.site
        if thread.skips and thread.ends_skipped(site):
            return
        active = thread.active.get(site, 0)
        if not active:
            thread.lost_ends += not _control.was_off
            return
        stack = thread.stack
        while stack[-1][0] != site:
            thread.drop()
        span = stack.pop()
        duration = now - span[1] - _recorder.inner - span[3] * _recorder.pair
        if stack:
            stack[-1][2] += duration
            stack[-1][3] += span[3] + 1
        thread.active[site] = active = thread.active[site] - 1
        thread.count(site, duration, duration - span[2], now, raised, active == 0)


class AwaitProbe(_Placeholder):
    """A probe for operations that suspend: other code runs between begin and end, so it goes by the frame."""

    __slots__ = ("site",)

    __init__ = Probe.__init__
    __repr__ = Probe.__repr__

    def __neg__(self):
        frame = id(sys._getframe(1))
        open_before = _recorder.awaits.pop(frame, None)
        if open_before is not None:
            self._abandon(open_before[0])
        if not _control.on:
            return
        _recorder.awaits[frame] = [self.site, perf_counter_ns()]

    def __invert__(self):
        self._end(perf_counter_ns(), id(sys._getframe(1)), 0)

    def __pos__(self):
        if _ENDS_BY_TRUTH:  # elsewhere it is suspended, or goes on
            self._end(perf_counter_ns(), id(sys._getframe(1)), 1)

    def __bool__(self):
        self._end(perf_counter_ns(), id(sys._getframe(1)), not _ENDS_BY_TRUTH)
        return not _ENDS_BY_TRUTH

    def _abandon(self, site):
        _recorder.abandoned += 1
        _recorder.thread().lose(site)

    def _end(self, now, frame, raised):
        thread = _recorder.thread()
        opened = _recorder.awaits.pop(frame, None)
        if opened is None or opened[0] != self.site:
            thread.lost_ends += not _control.was_off
            if opened is not None:
                self._abandon(opened[0])
            return
        duration = now - opened[1] - _recorder.inner
        thread.count(self.site, duration, duration, now, raised, True)


# ---- putting probes into code objects


class _Patcher:
    """Writes into tuples in place, which only ctypes can do from Python."""

    def __init__(self):
        import _ctypes

        class Pointer(_ctypes._SimpleCData):
            _type_ = "P"

        self.pointer = Pointer
        self.incref = _ctypes.Py_INCREF
        self.check()

    def slot(self, items, index):
        return self.pointer.from_address(id(items) + tuple.__basicsize__ + index * struct.calcsize("P"))

    def set_item(self, items, index, probe):
        self.incref(probe)  # the tuple's; the placeholder's own stays behind, it is a small int
        self.slot(items, index).value = id(probe)

    def check(self):
        """Reads and writes a tuple of our own where its items should be."""
        items = tuple([object(), object(), object()])
        if [self.slot(items, i).value for i in range(3)] != [id(item) for item in items]:
            raise SystemError("tuples are laid out in another way")
        replacement = object()
        self.incref(items[1])
        self.set_item(items, 1, replacement)
        if items[1] is not replacement:
            raise SystemError("tuples are laid out in another way")


def _say(message):
    try:
        os.write(2, ("pyrewrite: %s\n" % message).encode("utf-8", "replace"))
    except OSError:
        pass


def _make_patcher():
    try:
        return _Patcher()
    except Exception as error:
        _say("the recorder in Python needs ctypes (%s); this process is not recorded" % error)
        return None


def _parse_codes(table):
    """(parent, const_index, first_const, first_site, site_count) of each code record, and the kinds of the sites."""
    words = struct.unpack_from("<8s10I", table)
    magic, version, length, code_count, codes, site_count, sites = words[:7]
    python = sys.version_info[0] << 8 | sys.version_info[1]
    if magic != b"PYRWSITE" or version != 1 or length != len(table) or words[9] != python:
        raise ValueError("foreign table")
    if codes + 32 * code_count > length or sites + 32 * site_count > length:
        raise ValueError("table is cut")
    records = [struct.unpack_from("<5I", table, codes + 32 * i) for i in range(code_count)]
    if any(first + count > site_count for _, _, _, first, count in records):
        raise ValueError("sites that do not exist")
    return records, [table[sites + 32 * i + 2] for i in range(site_count)]


def _code_objects(records, root):
    """The code object of each record."""
    found = []
    for index, (parent, const_index, _, _, _) in enumerate(records):
        code = root
        if index or parent != _NO_PARENT:
            if not 0 <= parent < index:
                raise ValueError("parent after child")
            code = found[parent].co_consts[const_index]
        if type(code) is not type(root):
            raise ValueError("not a code object")
        found.append(code)
    if len({id(code.co_consts) for code in found}) != len(found):
        raise ValueError("shared co_consts")
    return found


def _attach(table, root):
    records, kinds = _parse_codes(table)
    codes = _code_objects(records, root)
    key = (root.co_filename, table)
    probes = _recorder.tables.get(key)
    places = []
    for (_, _, first_const, first_site, count), code in zip(records, codes):
        for i in range(count):
            item = code.co_consts[first_const + i]
            known = probes is not None and item is probes[first_site + i]
            if not known and not (type(item) is int and item == 0):
                raise ValueError("no placeholder")
            if not known:
                places.append((code.co_consts, first_const + i, first_site + i))
    if probes is None:
        first = _recorder.site_count
        _recorder.site_count += len(kinds)
        probes = [(AwaitProbe if kind == 1 else Probe)(first + i) for i, kind in enumerate(kinds)]
        _recorder.tables[key] = probes
    for consts, index, site in places:
        _patcher.set_item(consts, index, probes[site])


class _Attach:
    """`attach_1 - table`: what an instrumented module does first."""

    __slots__ = ()

    def __sub__(self, table):
        if _patcher is None or type(table) is not bytes:
            return
        try:
            if not _recorder.calibrated:
                _calibrate()
            with _recorder.lock:
                _attach(table, sys._getframe(1).f_code)
        except Exception:
            _recorder.refused += 1


# ---- what the probes cost


def _calibrate():
    """Probes around nothing, in code as the rewriter makes it: unary operators on strings are folded by no compiler."""
    _recorder.calibrated = True
    source = "-'q'\n" + "-'p'\n~'p'\n" * _NESTED + "~'q'\n"
    code = compile(source, "<pyrewrite>", "exec")
    probes = {"p": Probe(-1), "q": Probe(-2)}
    for index, const in enumerate(code.co_consts):
        if const in ("p", "q"):
            _patcher.set_item(code.co_consts, index, probes[const])
    inner, outer = [], []
    thread = _recorder.thread()
    for _ in range(_WARM_UP + _ROUNDS):
        thread.sites.pop(-1, None)
        thread.sites.pop(-2, None)
        exec(code, {})
        inner.append(thread.sites[-1][TOTAL] / _NESTED)
        outer.append(thread.sites[-2][TOTAL])
    thread.sites.pop(-1)
    thread.sites.pop(-2)
    inner = sorted(inner[_WARM_UP:])
    outer = sorted(outer[_WARM_UP:])
    middle = _ROUNDS // 2
    edge = _ROUNDS // 20
    pair = max(0.0, (outer[middle] - inner[middle]) / _NESTED)
    _recorder.header = {
        "inner": inner[middle],
        "pair": pair,
        "spread": (outer[-1 - edge] - outer[edge]) / 2 / _NESTED,
        "floor": max(1.0, inner[-1 - edge] - inner[middle]),
    }
    _recorder.inner, _recorder.pair = round(inner[middle]), round(pair)


# ---- the end of the process


def _write():
    """Writes the profile; called once, when the process ends."""
    global _written
    if _written or not _recorder.threads or not _recorder.tables:
        return
    _written = True
    try:
        data = profile_bytes(_recorder)
        for attempt in range(1000):
            try:
                fd = os.open(path_of(_pattern, attempt), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
            except FileExistsError:
                continue
            with os.fdopen(fd, "wb") as file:
                file.write(data)
            return
    except Exception as error:
        _say("cannot write the profile: %s" % error)


def _after_fork():
    """The child counts from zero; operations that the parent had open are not its own."""
    global _written
    _written = False
    _recorder.forks += 1
    _recorder.lock = allocate_lock()
    _recorder.reset()
    util = sys.modules.get("multiprocessing.util")
    if util is not None:
        util.register_after_fork(_recorder, _write_at_end_of_child)


def _write_at_end_of_child(_=None):
    """Children of multiprocessing leave through os._exit, but its own finalizers still run."""
    process = sys.modules.get("multiprocessing.process")
    if process is not None and process.parent_process() is not None:
        sys.modules["multiprocessing.util"].Finalize(None, _write, exitpriority=-1000)


def profile_path():
    """Path that the profile will have, or None when nothing was attached."""
    return path_of(_pattern, 0) if _patcher is not None and _recorder.tables else None


def flush():
    """The C module notes the time in its file; here there is no file yet."""


# ---- off and on, as in native/control.c


class _Control:
    """Whether operations are recorded: the block that was entered last decides, or what enable() and disable() said."""

    def __init__(self):
        self.on = self.base = os.environ.get("PYREWRITE_START") != "off"
        self.was_off = not self.on
        self.blocks = []

    def set(self, on):
        if self.blocks:
            self.blocks[-1]._on = on
        else:
            self.base = on
        self.apply()

    def apply(self):
        on = self.blocks[-1]._on if self.blocks else self.base
        if on == self.on:
            return
        self.on = on
        self.was_off = True
        _recorder.switched(on)


class _Block:
    """A stretch of the program; an object can be entered again, but only after it was left."""

    __slots__ = ("_on",)
    _wish = True

    def __enter__(self):
        if self in _control.blocks:
            raise TypeError("this block is entered already: make another for each with statement")
        if _patcher is not None:
            self._on = self._wish
            _control.blocks.append(self)
            _control.apply()

    def __exit__(self, *_):
        if self in _control.blocks:
            _control.blocks.remove(self)
            _control.apply()


class recording(_Block):
    """with recording(): what begins in it is recorded."""

    __slots__ = ()


class paused(_Block):
    """with paused(): what begins in it is not recorded."""

    __slots__ = ()
    _wish = False


def enable():
    """Operations that begin from now on are recorded."""
    if _patcher is not None:
        _control.set(True)


def disable():
    """What begins from now on is not recorded, until enable()."""
    if _patcher is not None:
        _control.set(False)


def is_enabled():
    """1 or 0."""
    return int(_patcher is not None and _control.on)


_written = False
_control = _Control()
_patcher = _make_patcher() if os.environ.get("PYREWRITE") != "off" else None
attach_1 = _Attach()
if _patcher is not None:
    _recorder = _Recorder()
    _pattern = choose_pattern()
    atexit.register(_write)
    os.register_at_fork(after_in_child=_after_fork)
    if "multiprocessing.util" in sys.modules:
        _write_at_end_of_child()
