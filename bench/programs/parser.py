"""A JSON parser and writer in Python: characters, dictionaries, recursion and exceptions."""


class Parser:
    def __init__(self, text):
        self.text = text
        self.at = 0

    def skip(self):
        while self.text[self.at] in " \n\t":
            self.at += 1

    def take(self, letter):
        if self.text[self.at] != letter:
            raise ValueError("%s expected at %d" % (letter, self.at))
        self.at += 1

    def value(self):
        self.skip()
        letter = self.text[self.at]
        if letter == "{":
            return self.items("{", "}", dict, self.pair)
        if letter == "[":
            return self.items("[", "]", list, self.value)
        if letter == '"':
            return self.string()
        return self.number()

    def items(self, begin, end, make, item):
        self.take(begin)
        found = []
        while True:
            self.skip()
            try:
                self.take(end)
                return make(found)
            except ValueError:
                if found:
                    self.take(",")
                found.append(item())

    def pair(self):
        self.skip()
        key = self.string()
        self.skip()
        self.take(":")
        return key, self.value()

    def string(self):
        self.take('"')
        begin = self.at
        while self.text[self.at] != '"':
            self.at += 1
        self.at += 1
        return self.text[begin:self.at - 1]

    def number(self):
        begin = self.at
        while self.text[self.at] in "-0123456789.":
            self.at += 1
        text = self.text[begin:self.at]
        return float(text) if "." in text else int(text)


def write(value):
    if isinstance(value, dict):
        return "{" + ", ".join(['"%s": %s' % (key, write(item)) for key, item in value.items()]) + "}"
    if isinstance(value, list):
        return "[" + ", ".join([write(item) for item in value]) + "]"
    return '"%s"' % value if isinstance(value, str) else str(value)


def main(n):
    document = [{"id": i, "name": "item %d" % i, "price": i * 1.5, "tags": ["a", "b", i]} for i in range(40)]
    text = write(document) + " "
    return sum(len(write(Parser(text).value())) for _ in range(n))
