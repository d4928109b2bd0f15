"""Imports the instrumented standard library and runs test modules with it.

    python debug_builds.py FOLDER  <  {"imports": [module, …], "tests": [module, …]}

FOLDER/a/b.pyc is what to use for the standard library's a/b.py. Prints one JSON object.
"""

import importlib
import io
import json
import marshal
import os
import sys
import sysconfig
import types
import unittest
import warnings
from importlib.machinery import SourceFileLoader

FOLDER = sys.argv[1]
STDLIB = sysconfig.get_path("stdlib")
loaded = {}


def get_code(self, name, plain=SourceFileLoader.get_code):
    path = os.path.join(FOLDER, os.path.relpath(self.get_filename(name), STDLIB) + "c")
    if not os.path.exists(path):
        return plain(self, name)
    with open(path, "rb") as file:
        code = marshal.loads(file.read()[16:])
    loaded[name] = code
    return code


def count_probes(code):
    count = sum(type(constant).__module__ == "_pyrewrite" for constant in code.co_consts)
    return count + sum(count_probes(c) for c in code.co_consts if isinstance(c, types.CodeType))


def import_all(names):
    failed = {}
    for name in names:
        try:
            importlib.import_module(name)
        except (ImportError, AttributeError, OSError, SystemExit, unittest.SkipTest) as error:
            failed[name] = repr(error)
    return failed


def forget_started():
    """What the interpreter's start imported is imported again, instrumented."""
    keep = {"sys", "builtins", "marshal", "importlib", "os", "io", "abc", "codecs", "threading", "__main__", "site"}
    for name, module in list(sys.modules.items()):
        top = name.partition(".")[0]
        if getattr(module, "__file__", None) and top not in keep and not top.startswith(("_", "encodings")):
            if module.__file__.startswith(STDLIB) and module.__file__.endswith(".py"):
                del sys.modules[name]


def main():
    warnings.simplefilter("ignore")
    job = json.load(sys.stdin)
    SourceFileLoader.get_code = get_code
    forget_started()
    failed = import_all(job["imports"])
    imported = len(loaded)
    unittest = importlib.import_module("unittest")
    suite = unittest.defaultTestLoader.loadTestsFromNames(job["tests"])
    result = unittest.TextTestRunner(stream=io.StringIO(), verbosity=0).run(suite)
    bad = [[str(test), text] for test, text in result.failures + result.errors]
    probes = sum(map(count_probes, loaded.values()))
    report = {"imported": imported, "failed": failed, "tests": result.testsRun, "bad": bad, "probes": probes}
    sys.__stdout__.write(json.dumps(report))


main()
