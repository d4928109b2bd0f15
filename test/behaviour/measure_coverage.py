"""Imports the modules of a folder under coverage.py, and prints what that saw of their lines and branches, as JSON.

    python measure_coverage.py FOLDER lines|branches

COVERAGE_CORE chooses how it looks: ctrace and pytrace by the trace function, sysmon by sys.monitoring.
"""

import contextlib
import gc
import importlib
import io
import json
import os
import sys

import coverage

FACTS = ("executed_lines", "missing_lines", "executed_branches", "missing_branches")


def run(folder):
    """Modules of benchmarks have a main; those of behaviour do all when they are imported."""
    gc.disable()
    for name in sorted(os.listdir(folder)):
        if name.endswith(".py"):
            module = importlib.import_module(name[:-3])
            if name.startswith("bench_"):
                module.main(1)


def main(folder, what):
    sys.path.insert(0, folder)
    measure = coverage.Coverage(source=[folder], branch=what == "branches", data_file=None, config_file=False)
    measure.start()
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        run(folder)
        measure.stop()
        measure.json_report(outfile="coverage.json")
    with open("coverage.json") as file:
        files = json.load(file)["files"]
    core = dict(measure.sys_info())["core"]
    seen = {os.path.basename(path): [facts.get(name, []) for name in FACTS] for path, facts in files.items()}
    json.dump({"core": core, "output": output.getvalue(), "files": seen}, sys.stdout)


main(*sys.argv[1:])
