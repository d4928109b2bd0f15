"""Exceptions as control flow: handlers by class, `finally`, retries, context managers, errors with causes."""


class Retry(Exception):
    def __init__(self, after):
        super().__init__("after %d" % after)
        self.after = after


class Broken(Exception):
    pass


class Connection:
    opened = 0
    closed = 0

    def __init__(self, number):
        self.number = number

    def __enter__(self):
        Connection.opened += 1
        return self

    def __exit__(self, kind, error, trace):
        Connection.closed += 1
        return kind is KeyError

    def send(self, attempt):
        rest = (self.number * 13 + attempt * 7) % 11
        if rest < 3:
            raise Retry(rest)
        if rest == 3:
            raise KeyError(self.number)
        if rest == 4:
            return [][self.number]
        return rest


def once(number, attempt):
    try:
        with Connection(number) as connection:
            return connection.send(attempt)
        return -1
    except IndexError as error:
        raise Broken(number) from error


def patiently(number):
    waited = 0
    for attempt in range(5):
        try:
            return once(number, attempt) + waited
        except Retry as error:
            waited += error.after
        except Broken as error:
            waited += len(error.args) + isinstance(error.__cause__, LookupError)
        else:
            waited += 100
        finally:
            waited += 1
    return waited


def to_number(text):
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return None


def main(n):
    total = 0
    Connection.opened = Connection.closed = 0
    for _ in range(n):
        for number in range(60):
            total += patiently(number)
            value = to_number(("12", "1.5", "x")[number % 3])
            total += 1 if value is None else int(value)
    return total, Connection.opened - Connection.closed
