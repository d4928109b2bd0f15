"""Started by pyrewrite_runtime.pth, where the runtime is installed in site-packages.

The processes of `pyrewrite run` have the same hook on PYTHONPATH already.
"""
import os


def _start():
    if os.environ.get("PYREWRITE") == "off" or "PYREWRITE_SOCKET" in os.environ:
        return
    import _pyrewrite
    import _pyrewrite_check

    _pyrewrite_check.at_exit(_pyrewrite)


try:
    _start()
except Exception:
    if os.environ.get("PYREWRITE_DEBUG"):
        raise
