"""Write a CSV of sensor measurements: the same rows for the same seed on every Python.

Usage: python generate.py ROWS FILE [SEED]
"""

import csv
import random
import sys

SENSORS = ["sensor-%03d" % number for number in range(96)]
STRANGERS = ["visitor-%02d" % number for number in range(4)]
UNITS = ("C", "F", "K")
FIRST_HOUR = 1577836800
SECONDS_BETWEEN_ROWS = 180


def rows(count, seed):
    """Yield `count` rows: seconds since 1970, sensor, value, unit."""
    # Only random() itself: the other methods may draw differently in another Python.
    draw = random.Random(seed).random
    for index in range(count):
        sensor = STRANGERS[int(draw() * 4)] if draw() < 0.01 else SENSORS[int(draw() * 96)]
        unit = UNITS[int(draw() * 3)]
        yield FIRST_HOUR + index * SECONDS_BETWEEN_ROWS, sensor, "%.2f" % in_unit(40 * draw() - 5, unit), unit


def in_unit(celsius, unit):
    """A temperature in degrees Celsius, as the sensor's own unit has it."""
    if unit == "F":
        return celsius * 1.8 + 32
    if unit == "K":
        return celsius + 273.15
    return celsius


def write(path, count, seed=1):
    """Write the CSV file, with a header line."""
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("time", "sensor", "value", "unit"))
        writer.writerows(rows(count, seed))


if __name__ == "__main__":
    write(sys.argv[2], int(sys.argv[1]), int(sys.argv[3]) if len(sys.argv) > 3 else 1)
