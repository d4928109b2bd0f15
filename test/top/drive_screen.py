"""Runs `pyrewrite top` in a terminal of its own, presses keys, and prints as JSON what was on the screen.

Usage: drive_screen.py NODE MAIN PID SIGNAL
"""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

node, main, pid, ending = sys.argv[1:]
WAIT = 60


def resize(fd, rows, columns):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


master, slave = pty.openpty()
resize(slave, 20, 100)
before = termios.tcgetattr(slave)
child = os.fork()
if child == 0:
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for fd in range(3):
        os.dup2(slave, fd)
    os.environ.pop("NO_COLOR", None)
    os.environ["TERM"] = "xterm"
    os.execv(node, [node, main, "top", pid])

output = b""


def read(seconds):
    global output
    if select.select([master], [], [], seconds)[0]:
        try:
            output += os.read(master, 1 << 16)
        except OSError:
            return


def frame():
    """The lines of the last complete frame."""
    frames = [part for part in output.decode("utf8", "replace").split("\x1b[H") if part.rstrip().endswith("\x1b[J")]
    if not frames:
        return []
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", frames[-1]).split("\r\n")


def wait_for(text, present=True, rows=None):
    end = time.time() + WAIT
    while time.time() < end:
        read(0.2)
        lines = frame()
        if any(text in line for line in lines) == present and lines and rows in (None, len(lines)):
            return lines
    raise SystemExit("%r did not come; the screen is\n%s" % (text, "\n".join(frame())))


def press(keys, text, present=True):
    os.write(master, keys.encode())
    return wait_for(text, present)


seen = {}
seen["list"] = wait_for("double")
seen["site"] = press("\r", "durations")
press("\x1b", "durations", False)
seen["filtered"] = press("/zzz\r", "no operation was executed")
seen["found"] = press("/\x15load_attr double\r", "with 'load_attr double'")
seen["sorted"] = press("s", "by rate")
seen["help"] = press("h", "this help")
press("h", "this help", False)
resize(slave, 12, 60)
press("p", "paused")
seen["small"] = wait_for("q quit", rows=12)
press("p", "paused", False)
seen["silent"] = press("r", "not recording")
press("r", "not recording", False)
os.kill(int(pid), signal.SIGKILL)
seen["ended"] = wait_for("1 ended")
if ending == "0":
    os.write(master, b"q")
else:
    os.kill(child, int(ending))
status = None
end = time.time() + WAIT
while status is None and time.time() < end:
    read(0.1)
    done, result = os.waitpid(child, os.WNOHANG)
    if done:
        status = result
read(0.1)
seen["status"] = os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status)
seen["entered"] = b"\x1b[?1049h" in output
seen["left"] = output.rstrip().endswith(b"\x1b[?1049l")
seen["restored"] = termios.tcgetattr(slave) == before
seen["colors"] = b"\x1b[1m" in output
print(json.dumps(seen))
