"""Compiles the standard library of the interpreter that runs this, test packages included.

    python compile_corpus.py OUT

OUT/a/b.pyc is the module a/b.py. The three header kinds of PEP 552 take turns. What the installation has compiled is
taken from there, as it was written; the rest takes 20 seconds or so. Prints one JSON object.
"""

import json
import marshal
import os
import struct
import sys
import sysconfig
import warnings
from importlib.util import MAGIC_NUMBER, cache_from_source, decode_source, source_hash

# Installed packages are not the standard library.
SKIPPED_FOLDERS = {"__pycache__", "site-packages", "dist-packages"}


def sources(stdlib):
    for folder, folders, names in os.walk(stdlib):
        folders[:] = sorted(set(folders) - SKIPPED_FOLDERS)
        for name in sorted(names):
            path = os.path.join(folder, name)
            if name.endswith(".py") and os.path.isfile(path):  # Debian leaves a dangling sitecustomize.py
                yield path


def compiled_before(path, mtime, size):
    """Marshalled code of the cache that belongs to a source; None where there is none."""
    try:
        with open(cache_from_source(path, optimization=""), "rb") as file:
            data = file.read()
    except OSError:
        return None
    return data[16:] if data[:16] == MAGIC_NUMBER + struct.pack("<III", 0, mtime, size) else None


def compile_file(path, index):
    with open(path, "rb") as file:
        source = file.read()
    mtime = int(os.stat(path).st_mtime) & 0xFFFFFFFF
    data = compiled_before(path, mtime, len(source))
    if data is None:
        data = marshal.dumps(compile(decode_source(source), path, "exec", dont_inherit=True))
    # 1 in 8 is checked, 1 in 8 is unchecked; the others have the usual header
    if index % 8 < 2:
        return MAGIC_NUMBER + struct.pack("<I", 0b11 if index % 8 == 0 else 0b01) + source_hash(source) + data
    return MAGIC_NUMBER + struct.pack("<III", 0, mtime, len(source)) + data


def main(out):
    stdlib = sysconfig.get_path("stdlib")
    written, skipped = [], []
    for index, path in enumerate(sources(stdlib)):
        relative = os.path.relpath(path, stdlib)
        try:
            data = compile_file(path, index)
        except (SyntaxError, ValueError) as error:  # meant to be wrong: test data
            skipped.append([relative, type(error).__name__])
            continue
        target = os.path.join(out, relative + "c")
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "wb") as file:
            file.write(data)
        written.append(relative + "c")
    json.dump({"files": written, "skipped": skipped}, sys.stdout)


warnings.simplefilter("ignore")
sys.setrecursionlimit(10_000)
main(sys.argv[1])
