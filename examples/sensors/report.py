"""The report, as text."""

import time


class Report:
    """Grows line by line."""

    def __init__(self, title):
        self.text = title + "\n"
        self.lines = 1

    def add(self, line):
        self.text += line + "\n"
        self.lines += 1


def hourly(hours):
    """One line for each hour."""
    report = Report("hour              count    low   mean   high")
    for hour in hours:
        stamp = time.strftime("%Y-%m-%d %H:00", time.gmtime(hour.number * 3600))
        report.add("%s  %5d %6.2f %6.2f %6.2f" % (stamp, hour.count, hour.low, hour.mean, hour.high))
    return report
