"""The example program (examples/sensors) as one of the bench's: what it prints is the result."""
import contextlib
import io
import os
import tempfile

import app
import generate


def main(n):
    text = io.StringIO()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(text):
        path = os.path.join(folder, "measurements.csv")
        generate.write(path, 100 * n, 1)
        app.summarize(path)
    return text.getvalue()
