"""Starts pyrewrite's hook in a Python process, then gives way to the sitecustomize that would have run.

The folder of this file stands first on PYTHONPATH. It is taken off sys.path again before any other code
runs, and when there is no other sitecustomize, the import fails as it would have failed: nothing remains.
Any Python may meet this file through the environment, so it is written for all of them.
"""
import os
import sys


def _give_way():
    folder = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if entry != folder]
    sys.path_importer_cache.pop(folder, None)
    sys.modules.pop("sitecustomize", None)
    import sitecustomize  # noqa: F401  the user's own


_startup = None
try:
    if sys.version_info >= (3, 8) and os.environ.get("PYREWRITE") != "off":
        import _pyrewrite_startup as _startup

        _startup.start()
except Exception:
    if os.environ.get("PYREWRITE_DEBUG"):
        raise
try:
    _give_way()
finally:
    if _startup is not None:
        _startup.finish()
