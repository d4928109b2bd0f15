"""Tells, at exit, which modules have lost the probes that `pyrewrite rewrite` gave them.

Python itself takes care that an edited source is never run stale: it compiles the source again and writes
over the instrumented cache file. That must not go unnoticed, since such a module is no longer recorded.
`pyrewrite rewrite` leaves a list of what it instrumented, __pycache__/pyrewrite.json, for this check.
"""
import os
import sys

ModuleType = type(sys)
ModuleSpec = type(sys.__spec__)
MANIFEST = "pyrewrite.json"
# How a site table begins, in every instrumented file (src/service/is-instrumented.ts).
TABLE_START = b"PYRWSITE\x01\0\0\0"
MOST_NAMED = 5


def at_exit(recorder):
    import atexit

    atexit.register(_report, recorder, os.getpid())


def _report(recorder, pid):
    # Children by fork would say it again, for the same files.
    if os.getpid() != pid:
        return
    try:
        lost = lost_files(recorder)
        if lost:
            sys.stderr.write(message(lost))
    except Exception:
        if os.environ.get("PYREWRITE_DEBUG"):
            raise


def message(lost):
    lines = ["pyrewrite: these modules ran without their probes, so nothing of them was recorded:"]
    lines += ["  %s: %s" % item for item in lost[:MOST_NAMED]]
    if len(lost) > MOST_NAMED:
        lines.append("  and %d more" % (len(lost) - MOST_NAMED))
    lines.append("  run `pyrewrite rewrite` on them again, or `pyrewrite clean` to give them up")
    return "\n".join(lines) + "\n"


def lost_files(recorder):
    """[(source, reason)] of the imported modules that are listed as instrumented and are not."""
    manifests = {}
    lost = []
    for module in list(sys.modules.values()):
        names = _names(module)
        spec = names.get("__spec__")
        cached = spec.cached if type(spec) is ModuleSpec else None
        cached = cached or names.get("__cached__")
        source = names.get("__file__")
        if type(cached) is not str or type(source) is not str:
            continue
        folder, name = os.path.split(cached)
        if folder not in manifests:
            manifests[folder] = _listed(folder)
        if name in manifests[folder]:
            reason = _why_lost(manifests[folder][name], source, cached)
            if reason:
                lost.append((source, reason))
    return sorted(lost)


def _names(module):
    """A module's own names. sys.modules may hold anything, and a module's attributes may be code: none of it is to run."""
    if not issubclass(type(module), ModuleType):
        return {}
    return ModuleType.__getattribute__(module, "__dict__")


def _listed(folder):
    path = os.path.join(folder, MANIFEST)
    if not os.path.exists(path):
        return {}
    import json

    with open(path, encoding="utf-8") as file:
        return json.load(file).get("files", {})


def _why_lost(entry, source, cached):
    """Python took the cache file only when its header fits the source, and it has probes only with our table."""
    try:
        with open(cached, "rb") as file:
            data = file.read()
        stat = os.stat(source)
    except OSError as error:
        return error.strerror
    mtime = int(stat.st_mtime) & 0xFFFFFFFF
    size = stat.st_size & 0xFFFFFFFF
    stamp = mtime.to_bytes(4, "little") + size.to_bytes(4, "little")
    unchecked = data[4:8] == b"\1\0\0\0"
    if TABLE_START in data and (unchecked or data[8:16] == stamp):
        return None
    if [mtime, size] != [entry.get("sourceMtime"), entry.get("sourceSize")]:
        return "the source was edited after it was instrumented"
    return "it was compiled again after it was instrumented"
