"""Sum up a CSV file of sensor measurements by hour and print what came out.

Usage: python app.py [ROWS] [--csv FILE] [--seed N]
"""

import argparse
import csv
import os
import tempfile
import zlib

import aggregate
import generate
import report
from measurement import Measurement


def read(path):
    """A Measurement for each row of the file."""
    with open(path, newline="") as file:
        lines = csv.reader(file)
        next(lines)
        return [Measurement(time, sensor, value, unit) for time, sensor, value, unit in lines]


def summarize(path):
    """Print the summary of the file at `path`."""
    hours, unknown = aggregate.by_hour(read(path), generate.SENSORS)
    text = report.hourly(hours)
    known = 0
    for hour in hours:
        known += hour.count
    print("measurements: %d, from unknown sensors: %d" % (known + unknown, unknown))
    print("hours: %d, report: %d lines, crc32 %08x" % (len(hours), text.lines, zlib.crc32(text.text.encode())))
    for line in text.text.splitlines()[:4]:
        print(line)


def main():
    parser = argparse.ArgumentParser(description="Sum up a CSV file of sensor measurements by hour.")
    parser.add_argument("rows", nargs="?", type=int, default=200000, help="rows to generate (default 200000)")
    parser.add_argument("--csv", help="read this file instead, made by generate.py")
    parser.add_argument("--seed", type=int, default=1, help="seed of the generator (default 1)")
    options = parser.parse_args()
    if options.csv:
        summarize(options.csv)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "measurements.csv")
        generate.write(path, options.rows, options.seed)
        summarize(path)


if __name__ == "__main__":
    main()
