"""Makes the main program an instrumented one under `pyrewrite run`.

Python compiles a script by itself, past any hook, but it runs a .pyc without a Python frame underneath.
So the process is started as `python <folder>/main.pyc ARGS`, and main.pyc is written right here, before
Python opens it: the script compiled by the very interpreter, with its very flags, then instrumented.
The last thing that Python does before it runs a main .pyc is to call
importlib._bootstrap_external.SourcelessFileLoader("__main__", path): one replacement of that name puts
argv, path and __file__ right, exactly as `python script.py` would have set them.

PYREWRITE_MAIN holds four parts separated by newlines: `write` or `written` (main.pyc is there already),
`file` or `command` (-c), the path of main.pyc, then the script as typed or the code.
"""
import _frozen_importlib as _bootstrap
import _frozen_importlib_external as _external
import marshal
import os
import sys

# From here on, a script's path is made absolute before it becomes __file__.
MAIN_FILE_IS_ABSOLUTE = sys.version_info >= (3, 9)
# From here on, the code of -c may be indented as a whole.
COMMAND_IS_DEDENTED = sys.version_info >= (3, 14)


def start(instrumenter, on_finish):
    """Does what this process's main program needs; on_finish(action) asks to be called at the end of site."""
    request = os.environ.pop("PYREWRITE_MAIN", None)
    argv = command_line()
    if request is not None:
        state, kind, pyc, text = request.split("\n", 3)
        main = Command(text) if kind == "command" else Script(text)
        if state == "write" and not write_pyc(pyc, main, instrumenter):
            run_plainly(argv, pyc, main)
        on_finish(lambda: replace_loader(pyc, main))
    elif is_multiprocessing_child(argv):
        wrap_runpy(instrumenter)
    else:
        rerun_script(argv, instrumenter)


def give_up(error):
    """There is no recorder: this process becomes the plain program, and pyrewrite tells why at its end."""
    _, kind, pyc, text = os.environ.pop("PYREWRITE_MAIN").split("\n", 3)
    with open(os.path.join(os.path.dirname(pyc), "error"), "w", encoding="utf-8") as file:
        file.write(str(error))
    os.environ["PYREWRITE"] = "off"
    run_plainly(command_line(), pyc, Command(text) if kind == "command" else Script(text))


class Script:
    """python SCRIPT: a source file, or a .pyc."""

    def __init__(self, typed):
        self.typed = typed
        absolute = os.path.isabs(typed) or not MAIN_FILE_IS_ABSOLUTE
        self.filename = typed if absolute else os.path.join(os.getcwd(), typed)
        # What the service is asked for: its rules know absolute paths only.
        self.scope_name = os.path.abspath(typed)
        self.argv = [typed]

    def code(self):
        with open(self.typed, "rb") as file:
            data = file.read()
        if self.typed.endswith(".pyc"):
            if data[:4] != _external.MAGIC_NUMBER:
                raise ImportError("another version's .pyc")
            return marshal.loads(data[16:])
        return compile(data, self.filename, "exec", dont_inherit=True)

    def path0(self):
        return os.path.dirname(os.path.realpath(self.typed))

    def set_globals(self, namespace):
        namespace["__file__"] = self.filename
        sys.path_importer_cache[self.filename] = None
        loader = "SourcelessFileLoader" if self.typed.endswith(".pyc") else "SourceFileLoader"
        return getattr(_external, loader)("__main__", self.filename)


class Command:
    """python -c CODE"""

    filename = scope_name = "<string>"

    def __init__(self, text):
        self.argv = ["-c", text]
        self._source = text + "\n"
        self._code = None

    def code(self):
        if COMMAND_IS_DEDENTED and self._source.lstrip("\n")[:1] in (" ", "\t"):
            import textwrap

            self._source = textwrap.dedent(self._source)
        self._code = compile(self._source, self.filename, "exec", dont_inherit=True)
        return self._code

    def path0(self):
        return ""

    def set_globals(self, namespace):
        namespace.pop("__file__", None)
        namespace.pop("__cached__", None)
        self._show_source_in_tracebacks()
        return _bootstrap.BuiltinImporter

    def _show_source_in_tracebacks(self):
        """Versions that show the lines of -c register them in linecache, before the code runs."""
        if sys.version_info < (3, 13):
            return
        import linecache

        key = self._code if hasattr(linecache, "_make_key") else self.filename
        linecache._register_code(key, self._source, self.filename)


def command_line():
    """This process's arguments, the interpreter's own first."""
    if hasattr(sys, "orig_argv"):
        return list(sys.orig_argv)
    try:
        with open("/proc/self/cmdline", "rb") as file:
            return [os.fsdecode(word) for word in file.read().split(b"\0")[:-1]]
    except OSError:
        return []


def write_pyc(pyc, main, instrumenter):
    """Whether main.pyc is there now. Python itself tells what is wrong with the program when it is not."""
    try:
        code = main.code()
        code = instrumenter.transform(code, main.scope_name) or code
        with open(pyc, "wb") as file:
            file.write(_external.MAGIC_NUMBER + bytes(12) + marshal.dumps(code))
        return True
    except Exception:
        return False


def run_plainly(argv, pyc, main):
    """Becomes `python SCRIPT ARGS`, the same process."""
    index = argv.index(pyc)
    argv[index : index + 1] = main.argv
    os.execv(sys.executable, argv)


def replace_loader(pyc, main):
    """Puts everything right at the last moment before the main program runs."""
    original = _external.SourcelessFileLoader

    def main_loader(name, path):
        _external.SourcelessFileLoader = original
        machinery = sys.modules.get("importlib.machinery")
        if getattr(machinery, "SourcelessFileLoader", None) is main_loader:
            machinery.SourcelessFileLoader = original
        forget_file(pyc)
        sys.path_importer_cache.pop(path, None)
        sys.argv[:1] = main.argv[:1]
        if sys.path[:1] == [os.path.dirname(pyc)]:
            sys.path[0] = main.path0()
        if pyc in getattr(sys, "orig_argv", ()):
            index = sys.orig_argv.index(pyc)
            sys.orig_argv[index : index + 1] = main.argv
        return main.set_globals(sys.modules["__main__"].__dict__)

    _external.SourcelessFileLoader = main_loader


def forget_file(path):
    # Python has it open by now.
    try:
        os.unlink(path)
    except OSError:
        pass


def is_multiprocessing_child(argv):
    """spawn and forkserver start as `python -c "from multiprocessing.spawn import …"`, or much like it."""
    return "-c" in argv and any("from multiprocessing." in word for word in argv)


def wrap_runpy(instrumenter):
    """Such a child loads the parent's main script through runpy.run_path, which reads the source itself."""
    import runpy

    original = runpy._get_code_from_file

    def get_code_from_file(*args):
        result = original(*args)
        code = result[0] if isinstance(result, tuple) else result
        filename = os.path.abspath(code.co_filename)
        if instrumenter.wants(filename):
            code = instrumenter.transform(code, filename) or code
        return (code,) + result[1:] if isinstance(result, tuple) else code

    runpy._get_code_from_file = get_code_from_file


# Options that take a value, in the same word or in the next.
OPTIONS_WITH_VALUE = "WX"
# No script follows: a command, a module, another job; -x makes Python skip the script's first line.
OPTIONS_WITHOUT_SCRIPT = "cmhV?x"


def script_index(argv):
    """Index of the script in a command line, or 0."""
    index = 1
    while index < len(argv):
        word = argv[index]
        if word == "--check-hash-based-pycs":
            index += 1
        elif word == "--":
            return index + 1 if index + 1 < len(argv) else 0
        elif word == "-" or word.startswith("--"):
            return 0
        elif not word.startswith("-"):
            return index
        else:
            value = next((at for at, letter in enumerate(word) if letter in OPTIONS_WITH_VALUE), None)
            flags = word[1:value]
            if any(letter in OPTIONS_WITHOUT_SCRIPT for letter in flags):
                return 0
            if value == len(word) - 1:
                index += 1
        index += 1
    return 0


def rerun_script(argv, instrumenter):
    """A child `python script.py` whose script is in scope: the same process, started again on a main.pyc."""
    index = script_index(argv)
    if not index or argv[index].endswith(".pyc") or not os.path.isfile(argv[index]):
        return
    script = Script(argv[index])
    if not instrumenter.wants(script.scope_name) or not is_this_process(sys.executable):
        return
    try:
        code = instrumenter.transform(script.code(), script.scope_name)
    except Exception:
        return  # Python itself tells what is wrong with the script.
    if code is None:
        return
    folder = os.path.dirname(os.environ["PYREWRITE_SOCKET"])
    pyc = os.path.join(folder, "main-%d.pyc" % os.getpid())
    try:
        with open(pyc, "wb") as file:
            file.write(_external.MAGIC_NUMBER + bytes(12) + marshal.dumps(code))
    except OSError:
        return
    argv[index] = pyc
    os.environ["PYREWRITE_MAIN"] = "\n".join(("written", "file", pyc, script.typed))
    os.execv(sys.executable, argv)


def is_this_process(executable):
    """False in a program that embeds Python: starting sys.executable would be another program."""
    try:
        return os.path.samefile("/proc/self/exe", executable)
    except OSError:
        return False
