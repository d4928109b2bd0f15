"""Imports of all forms, and what they leave behind."""
import importlib
import os.path as path_module
import sys
import xml.dom
from collections import OrderedDict as Ordered, abc
from os import *
from xml.dom import minidom, Node as XmlNode


def local():
    import json, json.decoder as decoder
    from json import loads
    return json.decoder is decoder, loads("1"), sorted(locals())


def failing(statement):
    try:
        exec(statement, {"__name__": "package.module", "__package__": ""})
    except BaseException as error:
        return type(error).__name__, str(error)


def missing():
    results = []
    try:
        import no_such_module_here
    except ImportError as error:
        results.append((type(error).__name__, str(error), error.name, error.__traceback__.tb_lineno))
    try:
        from os import no_such_name_here
    except ImportError as error:
        results.append((type(error).__name__, str(error)[:45], error.name))
    try:
        import os.no_such_submodule
    except ImportError as error:
        results.append((type(error).__name__, str(error)))
    try:
        from . import sibling
    except ImportError as error:
        results.append((type(error).__name__, str(error)))
    return results


class Finder:
    """Says what is looked for."""

    def find_spec(self, name, path=None, target=None):
        print("find", name, path)
        return None


def hooked():
    sys.meta_path.insert(0, Finder())
    try:
        import this_is_not_there
    except ImportError as error:
        print(error)
    finally:
        sys.meta_path.pop(0)


class Body:
    import math
    from math import pi, e as euler
    values = sorted(name for name in locals() if not name.startswith("_"))


def conditional(flag):
    if flag:
        import string as chosen
    else:
        import textwrap as chosen
    return chosen.__name__


def reloaded():
    import colorsys
    colorsys.extra = 1
    again = importlib.reload(colorsys)
    return again is colorsys, colorsys.extra


print(local(), missing())
hooked()
print(Body.values, Body.math.pi == Body.pi, conditional(True), conditional(False), reloaded())
print(path_module.join("a", "b"), Ordered, abc.__name__, xml.dom.minidom is minidom, XmlNode.__name__, getcwd is not None)
for statement in ("from __future__ import nothing", "import", "from .. import x", "from os import (path, sep)", "import sys as s, os as o"):
    print(failing(statement))
print(sorted(name for name in globals() if name in ("Ordered", "abc", "path_module", "xml", "minidom", "XmlNode", "os", "this_is_not_there")))
print("builtins" in sys.modules, "__main__" in sys.modules, sorted(name for name in sys.modules if name.startswith("this_is")))
