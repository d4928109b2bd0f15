"""The yardstick of marshal.ts: the interpreter's own marshal module, in C.

    python marshal_c.py FOLDER PASSES

Reads, and reads and writes, every file of a corpus, and prints CPU seconds per pass as JSON: [[read, both], …].
"""

import json
import marshal
import os
import sys
import time


def cpu_seconds(run, inputs):
    start = time.process_time()
    for data in inputs:
        run(data)
    return time.process_time() - start


def read_and_write(data):
    marshal.dumps(marshal.loads(data))


def main(folder, passes):
    with open(os.path.join(folder, "corpus.json")) as file:
        names = json.load(file)["files"]
    inputs = []
    for name in names:
        with open(os.path.join(folder, name), "rb") as file:
            inputs.append(file.read()[16:])
    seconds = []
    for _ in range(passes):
        seconds.append((cpu_seconds(marshal.loads, inputs), cpu_seconds(read_and_write, inputs)))
    print(json.dumps(seconds))


main(sys.argv[1], int(sys.argv[2]))
