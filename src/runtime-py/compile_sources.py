"""Compiles many Python sources in one process: requests on standard input, results on standard output.

Started by src/python/compiler.ts as `python -I -S compile_sources.py`. It never writes a file.

    request   u32 length of what follows, i8 optimize, u16 length + path to read, u16 length + co_filename
    result    u32 length of what follows, u8 status, then by status
              0  u32 source mtime, u32 source size (both as in a .pyc header), u16 length + path of the cache
                 file that the interpreter would use, marshal bytes of the module's code object
              1  the text of the SyntaxError (UTF-8)
              2  the reason why the file cannot be read or marshalled (UTF-8)

All numbers are little endian, all paths in the file system's encoding.
"""
import marshal
import os
import struct
import sys
import warnings
from importlib import _bootstrap_external

COMPILED, SYNTAX_ERROR, UNREADABLE = 0, 1, 2


def read_source(path):
    """The bytes of a file and the two numbers that importlib compares with a .pyc header."""
    # stat before read, as importlib does: an edit in between makes the result stale, never wrong.
    stat = os.stat(path)
    with open(path, "rb", buffering=0) as file:
        return file.read(), int(stat.st_mtime) & 0xFFFFFFFF, stat.st_size & 0xFFFFFFFF


def cache_path(path, optimize):
    optimization = "" if optimize <= 0 else optimize
    return _bootstrap_external.cache_from_source(path, optimization=optimization)


def compile_source(path, filename, optimize):
    """Status and payload for one file."""
    try:
        source, mtime, size = read_source(path)
    except OSError as error:
        return UNREADABLE, (error.strerror or str(error)).encode()
    try:
        code = compile(source, filename, "exec", dont_inherit=True, optimize=optimize)
        body = marshal.dumps(code)
    except SyntaxError as error:
        where = "" if error.lineno is None else "line %d: " % error.lineno
        return SYNTAX_ERROR, (where + str(error.msg)).encode("utf-8", "backslashreplace")
    except (ValueError, OverflowError, RecursionError, MemoryError) as error:
        text = "%s: %s" % (type(error).__name__, error)
        return UNREADABLE, text.encode("utf-8", "backslashreplace")
    cache = os.fsencode(cache_path(path, optimize))
    return COMPILED, struct.pack("<IIH", mtime, size, len(cache)) + cache + body


def requests(stream):
    """Yields (path, filename, optimize) until the input ends."""
    while True:
        head = stream.read(4)
        if len(head) < 4:
            return
        request = stream.read(struct.unpack("<I", head)[0])
        optimize, length = struct.unpack_from("<bH", request)
        path = os.fsdecode(request[3 : 3 + length])
        yield path, os.fsdecode(request[5 + length :]), optimize


def main():
    warnings.simplefilter("ignore")
    results = sys.stdout.buffer
    if len(sys.argv) > 1 and sys.argv[1]:
        sys.pycache_prefix = sys.argv[1]
    for path, filename, optimize in requests(sys.stdin.buffer):
        status, payload = compile_source(path, filename, optimize)
        results.write(struct.pack("<IB", len(payload) + 1, status))
        results.write(payload)
        results.flush()


if __name__ == "__main__":
    try:
        main()
    except (BrokenPipeError, KeyboardInterrupt):
        # The reader is gone or the user stopped it: nothing to say.
        os._exit(0)
