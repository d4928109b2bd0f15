"""Asks the instrumenting service, for a recorder that cannot do it itself (see src/service/protocol.ts)."""
import os
import struct
import sys

TIMEOUT_SECONDS = 60


def _receive(connection, count):
    data = bytearray()
    while len(data) < count:
        piece = connection.recv(min(count - len(data), 1 << 20))
        if not piece:
            raise EOFError
        data += piece
    return bytes(data)


def instrument(data, filename):
    """The instrumented form of marshalled code, or None to leave it as it is."""
    # The C module alone: importing `socket` would change what the program finds in sys.modules.
    import _socket

    name = os.fsencode(filename)
    version = sys.version_info[0] << 8 | sys.version_info[1]
    head = struct.pack("<IHH", 4 + len(name) + len(data), version, len(name))
    # A connection per request: nothing is shared between threads or after a fork.
    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
        connection.settimeout(TIMEOUT_SECONDS)
        connection.connect(os.environ["PYREWRITE_SOCKET"])
        connection.sendall(head + name + data)
        length = struct.unpack("<I", _receive(connection, 4))[0]
        return _receive(connection, length) if length else None
    finally:
        connection.close()
