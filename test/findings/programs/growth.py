"""Text that grows."""

LINES = 4000


class Text:
    def __init__(self):
        self.text = ""
        self.parts = []
        self.count = 0


def fault_string():
    report = Text()
    for number in range(LINES):
        report.text += "a line of the report, number %d\n" % number
    return len(report.text)


def sound_string():
    """Parts that are joined; numbers and short texts may be added."""
    report = Text()
    for number in range(LINES):
        report.parts.append("a line of the report, number %d\n" % number)
        report.count += number
        pair = "x" + "y"
        pair += "z"
    return len("".join(report.parts))
