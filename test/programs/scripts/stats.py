"""Reads measurements from a CSV, keeps them in SQLite, prints them by sensor."""
import csv
import io
import sqlite3
import statistics
from collections import Counter, defaultdict, namedtuple

Row = namedtuple("Row", "sensor hour value")


def generate(count):
    state = 42
    for number in range(count):
        state = (state * 1103515245 + 12345) % (1 << 31)
        yield Row("s%d" % (state % 7), number % 24, (state >> 8) % 1000 / 10)


text = io.StringIO()
writer = csv.writer(text, dialect="excel", quoting=csv.QUOTE_NONNUMERIC)
writer.writerow(Row._fields)
writer.writerows(generate(600))
text.seek(0)
rows = [Row(r["sensor"], int(r["hour"]), float(r["value"])) for r in csv.DictReader(text)]

database = sqlite3.connect(":memory:")
database.create_function("halve", 1, lambda value: value / 2)


class Spread:
    def __init__(self):
        self.values = []

    def step(self, value):
        self.values.append(value)

    def finalize(self):
        return round(max(self.values) - min(self.values), 3)


database.create_aggregate("spread", 1, Spread)
with database:
    database.execute("create table rows (sensor text, hour integer, value real)")
    database.executemany("insert into rows values (?, ?, ?)", rows)
for line in database.execute(
    "select sensor, count(*), round(avg(halve(value)), 4), spread(value) from rows group by sensor order by sensor"
):
    print(*line)
try:
    with database:
        database.execute("delete from rows")
        raise KeyError("rolled back")
except KeyError as error:
    print(repr(error), database.execute("select count(*) from rows").fetchone())

by_hour = defaultdict(list)
for row in rows:
    by_hour[row.hour].append(row.value)
print({hour: round(statistics.median(values), 2) for hour, values in sorted(by_hour.items())})
print(Counter(row.sensor for row in rows).most_common(3))
