"""Prints, as JSON, what pyrewrite must know of the interpreter that runs this file.

Started by src/python/interpreter.ts as `python -E interpreter_facts.py`, with the site module, since the
folders of installed packages are among the facts. Any Python must be able to run it, so that one that is
too old can be named.
"""
import sys

LOADED_AT_START = set(sys.modules) - {"__main__"}


def frozen_modules():
    """Modules that this interpreter takes from its own binary and not from a file."""
    try:
        import _imp

        return sorted(_imp._frozen_module_names())
    except (ImportError, AttributeError):
        return []


def facts_of_import_system():
    import importlib.util
    import sysconfig

    paths = sysconfig.get_paths()
    return {
        "magic": int.from_bytes(importlib.util.MAGIC_NUMBER[:2], "little"),
        "cacheTag": sys.implementation.cache_tag,
        "stdlib": sorted({paths["stdlib"], paths["platstdlib"]}),
        "sitePackages": sorted({paths["purelib"], paths["platlib"]}),
        "include": paths["include"],
        "freeThreaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
        "extensionSuffix": sysconfig.get_config_var("EXT_SUFFIX") or ".so",
        "frozenModules": frozen_modules(),
    }


def main():
    import json

    facts = {
        "executable": sys.executable,
        "implementation": sys.implementation.name if hasattr(sys, "implementation") else "cpython",
        "version": "%d.%d.%d" % sys.version_info[:3],
        "release": "%d.%d" % sys.version_info[:2],
        "prefix": sys.prefix,
        "basePrefix": getattr(sys, "base_prefix", sys.prefix),
        # The first entry is this file's own folder.
        "path": [entry for entry in sys.path[1:] if entry],
        "modulesAtStart": sorted(LOADED_AT_START),
        "debugBuild": hasattr(sys, "gettotalrefcount"),
    }
    if sys.version_info >= (3, 4):
        facts.update(facts_of_import_system())
    sys.stdout.write(json.dumps(facts))


main()
