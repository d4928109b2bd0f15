"""One measurement and the conversion of its unit."""


class Conversion:
    """Turns the value of its measurement into degrees Celsius."""

    OFFSETS = {"C": 0.0, "F": -32.0, "K": -273.15}
    SCALES = {"C": 1.0, "F": 1 / 1.8, "K": 1.0}

    def __init__(self, measurement):
        self.measurement = measurement

    def celsius(self):
        measurement = self.measurement
        unit = measurement.unit
        return (measurement.value + self.OFFSETS[unit]) * self.SCALES[unit]


class Measurement:
    """A row of the CSV file."""

    def __init__(self, time, sensor, value, unit):
        self.time = int(time)
        self.sensor = sensor
        self.text = value
        self.unit = unit
        self.conversion = Conversion(self)

    def __getattr__(self, name):
        if name == "calibration":
            raise AttributeError("%s has no calibration" % self.sensor)
        raise AttributeError(name)

    @property
    def value(self):
        return float(self.text)

    @property
    def celsius(self):
        degrees = self.conversion.celsius()
        if hasattr(self, "calibration"):
            degrees += self.calibration
        return round(degrees, 3)

    @property
    def hour(self):
        return self.time // 3600
