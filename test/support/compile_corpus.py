"""Compiles the standard library of the interpreter that runs this, test packages included.

    python compile_corpus.py OUT

OUT/a/b.pyc is the module a/b.py. The three header kinds of PEP 552 take turns. Prints one JSON object.
"""

import json
import os
import sys
import sysconfig
import warnings
from importlib._bootstrap_external import _code_to_hash_pyc, _code_to_timestamp_pyc
from importlib.util import decode_source, source_hash

# Installed packages are not the standard library.
SKIPPED_FOLDERS = {"__pycache__", "site-packages", "dist-packages"}


def sources(stdlib):
    for folder, folders, names in os.walk(stdlib):
        folders[:] = sorted(set(folders) - SKIPPED_FOLDERS)
        for name in sorted(names):
            path = os.path.join(folder, name)
            if name.endswith(".py") and os.path.isfile(path):  # Debian leaves a dangling sitecustomize.py
                yield path


def compile_file(path, index):
    with open(path, "rb") as file:
        source = file.read()
    code = compile(decode_source(source), path, "exec", dont_inherit=True)
    # 1 in 8 is checked, 1 in 8 is unchecked; the others have the usual header
    if index % 8 < 2:
        return _code_to_hash_pyc(code, source_hash(source), index % 8 == 0)
    return _code_to_timestamp_pyc(code, int(os.stat(path).st_mtime), len(source))


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
