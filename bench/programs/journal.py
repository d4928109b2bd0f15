"""Records with levels, formatters, filters and handlers, in the manner of logging: keywords, strings, small calls."""

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
NAMES = {number: name for name, number in LEVELS.items()}


class Record:
    def __init__(self, name, level, message, arguments, **extra):
        self.name, self.level, self.message, self.arguments = name, level, message, arguments
        self.__dict__.update(extra)

    def text(self):
        return self.message % self.arguments if self.arguments else self.message


class Formatter:
    def __init__(self, pattern):
        self.pattern = pattern

    def format(self, record, number):
        values = {"name": record.name, "level": NAMES[record.level].upper(), "text": record.text(), "at": number}
        return self.pattern % values


class Short(Formatter):
    def format(self, record, number):
        return f"{number:06d} {record.name:>12s}|{record.text()!r:.40}"


class Handler:
    def __init__(self, formatter, least):
        self.formatter, self.least = formatter, least
        self.lines = []
        self.size = 0

    def handle(self, record, number):
        if record.level >= self.least:
            self.emit(self.formatter.format(record, number))

    def emit(self, line):
        self.size += len(line)
        self.lines.append(line)
        if len(self.lines) > 100:
            del self.lines[:]


class Logger:
    def __init__(self, name, parent=None):
        self.name, self.parent, self.handlers, self.filters = name, parent, [], []
        self.number = 0

    def log(self, level, message, *arguments, **extra):
        record = Record(self.name, LEVELS[level], message, arguments, **extra)
        if all(keep(record) for keep in self.filters):
            self.call(record)

    def call(self, record):
        logger = self
        while logger is not None:
            logger.number += 1
            for handler in logger.handlers:
                handler.handle(record, logger.number)
            logger = logger.parent


def main(n):
    root = Logger("root")
    root.handlers.append(Handler(Formatter("%(at)d %(level)-8s %(name)s: %(text)s"), LEVELS["info"]))
    child = Logger("root.child", root)
    child.handlers.append(Handler(Short(""), LEVELS["debug"]))
    child.filters.append(lambda record: getattr(record, "weight", 1) > 0)
    for i in range(60 * n):
        child.log("debug", "step %d of %s", i, "many")
        child.log("info", "user %s took %.2f s", "u%d" % (i % 9), i / 7)
        child.log("warning", "nothing to say", weight=i % 2)
    return root.handlers[0].size, child.handlers[0].size
