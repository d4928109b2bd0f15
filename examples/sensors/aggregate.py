"""Measurements summed up by hour."""


class Hour:
    """Count, sum, lowest and highest temperature of one hour."""

    def __init__(self, number):
        self.number = number
        self.count = 0
        self.total = 0.0
        self.low = float("inf")
        self.high = float("-inf")

    def add(self, measurement):
        self.count += 1
        self.total += measurement.celsius
        if measurement.celsius < self.low:
            self.low = measurement.celsius
        if measurement.celsius > self.high:
            self.high = measurement.celsius

    @property
    def mean(self):
        return self.total / self.count


def by_hour(measurements, known):
    """Hours in order of time, and how many measurements came from unknown sensors."""
    hours = {}
    unknown = 0
    for measurement in measurements:
        if measurement.sensor not in known:
            unknown += 1
            continue
        hour = hours.get(measurement.hour)
        if hour is None:
            hour = hours[measurement.hour] = Hour(measurement.hour)
        hour.add(measurement)
    return [hours[number] for number in sorted(hours)], unknown
