"""What pyrewrite does when a Python process starts: hooks the import system under `pyrewrite run`.

    PYREWRITE_SOCKET  socket of the instrumenting service; without it nothing is hooked
    PYREWRITE_SCOPE   lines of + or - and a folder: which files the service wants to see; the longest wins
    PYREWRITE_MAIN    the main program that this process is to run; see _pyrewrite_main

Nothing here may change what the program sees: no frame of this file remains in a traceback, no module that
the program would not have met is imported while it runs (the ones here begin with _pyrewrite).
"""
import _frozen_importlib_external as _external
import marshal
import os
import sys

import _pyrewrite_check

FROZEN = "<frozen importlib._bootstrap_external>"

_on_finish = []


def start():
    """Called by sitecustomize before the user's own."""
    try:
        import _pyrewrite
    except Exception as error:
        if "PYREWRITE_MAIN" in os.environ:
            import _pyrewrite_main

            _pyrewrite_main.give_up(error)
        raise
    address = os.environ.get("PYREWRITE_SOCKET")
    if not address:
        _pyrewrite_check.at_exit(_pyrewrite)
        return
    import _pyrewrite_main

    instrumenter = Instrumenter(instrument_function(_pyrewrite), scope_rules())
    wrap_loaders(instrumenter)
    _pyrewrite_main.start(instrumenter, _on_finish.append)


def finish():
    """Called by sitecustomize after the user's own."""
    for action in _on_finish:
        action()


def instrument_function(recorder):
    """instrument(bytes, filename) -> bytes or None: the recorder's own, or one through _socket."""
    own = getattr(recorder, "instrument", None)
    if own is not None:
        return own
    import _pyrewrite_client

    return _pyrewrite_client.instrument


def scope_rules():
    lines = os.environ.get("PYREWRITE_SCOPE", "").split("\n")
    rules = [(line[1:], line[0] == "+") for line in lines if line[:1] in ("+", "-")]
    return sorted(rules, key=lambda rule: -len(rule[0]))


class Instrumenter:
    """Turns code objects into instrumented ones; whatever goes wrong, the original remains."""

    def __init__(self, instrument, rules):
        self._instrument = instrument
        self._rules = rules

    def wants(self, filename):
        """Whether the service may want this file. Saves marshalling what it would refuse."""
        for prefix, wanted in self._rules:
            if filename == prefix or filename.startswith(prefix if prefix == "/" else prefix + "/"):
                return wanted
        return False

    def transform(self, code, filename):
        """The instrumented code object, or None when there is nothing to change."""
        try:
            data = self._instrument(marshal.dumps(code), filename)
            return marshal.loads(data) if data else None
        except Exception:
            if os.environ.get("PYREWRITE_DEBUG"):
                sys.excepthook(*sys.exc_info())
            return None

    def __call__(self, code):
        """What the loaders ask: code in, code out."""
        if code is None:
            return code
        filename = full_path(code.co_filename)
        if not self.wants(filename):
            return code
        return self.transform(code, filename) or code


def full_path(filename):
    """A module found through a relative entry of sys.path has a relative name (3.8, zip files)."""
    if filename[:1] in ("/", "<"):
        return filename
    try:
        return os.path.abspath(filename)
    except OSError:
        return filename  # The current folder is gone.


def wrap_loaders(instrumenter):
    """Every import passes through one of these functions, `python -m` and zip files included."""
    for owner in (_external.SourceLoader, _external.SourcelessFileLoader):
        owner.get_code = wrapped_get_code(owner.get_code, instrumenter)
    wrap_zipimport(instrumenter)


def wrapped_get_code(original, instrumenter):
    def get_code(self, fullname):
        return instrumenter(original(self, fullname))

    hide(get_code)
    get_code.__qualname__ = original.__qualname__
    get_code.__module__ = original.__module__
    get_code.__doc__ = original.__doc__
    return get_code


def wrap_zipimport(instrumenter):
    """Up to 3.9, zipimporter.load_module does not go through get_code; both use this function."""
    import zipimport

    original = zipimport._get_module_code

    # The import system leaves out frames up to one of this name, and there is only this one: zipimport's own stay.
    def _call_with_frames_removed(self, fullname):
        code, ispackage, modpath = original(self, fullname)
        return instrumenter(code), ispackage, modpath

    hide(_call_with_frames_removed)
    zipimport._get_module_code = _call_with_frames_removed


def hide(function):
    """The import system leaves out its own frames, told by this file name, when an import fails."""
    function.__code__ = function.__code__.replace(co_filename=FROZEN)
