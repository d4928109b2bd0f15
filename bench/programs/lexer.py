"""A tokenizer, a compiler to a stack machine and the machine, for a small language: long chains of `if`, locals, dicts."""

SOURCE = """
a = 1; total = 0; i = 0;
while i < 25 {
  if i % 3 == 0 { total = total + i * (a + 2); }
  if i % 5 == 1 { a = a * 2 - i; }
  i = i + 1;
}
answer = (total - a) * 3 % 1009;
"""


def tokens(text):
    at, size, found = 0, len(text), []
    while at < size:
        letter = text[at]
        if letter.isspace():
            at += 1
        elif letter.isdigit():
            end = at
            while end < size and text[end].isdigit():
                end += 1
            found.append(("number", int(text[at:end])))
            at = end
        elif letter.isalpha():
            end = at
            while end < size and text[end].isalnum():
                end += 1
            word = text[at:end]
            found.append((word if word in ("if", "while") else "name", word))
            at = end
        elif text[at:at + 2] == "==":
            found.append(("==", None))
            at += 2
        else:
            found.append((letter, None))
            at += 1
    found.append(("end", None))
    return found


class Compiler:
    strength = {"==": 1, "<": 1, "+": 2, "-": 2, "*": 3, "%": 3}

    def __init__(self, found):
        self.found, self.at, self.code = found, 0, []

    def next(self):
        token = self.found[self.at]
        self.at += 1
        return token

    def block(self, end):
        while self.found[self.at][0] != end:
            self.statement()
        self.at += 1

    def statement(self):
        kind, value = self.next()
        if kind == "name":
            self.at += 1
            self.expression(0)
            self.at += 1
            self.code.append(("store", value))
            return
        start = len(self.code)
        self.expression(0)
        self.at += 1
        place = len(self.code)
        self.code.append(None)
        self.block("}")
        if kind == "while":
            self.code.append(("jump", start))
        self.code[place] = ("branch", len(self.code))

    def expression(self, least):
        kind, value = self.next()
        if kind == "(":
            self.expression(0)
            self.at += 1
        else:
            self.code.append(("push" if kind == "number" else "load", value))
        while self.strength.get(self.found[self.at][0], 0) > least:
            operator = self.next()[0]
            self.expression(self.strength[operator])
            self.code.append((operator, None))


def run(code):
    stack, names, at = [], {}, 0
    while at < len(code):
        step, value = code[at]
        at += 1
        if step == "load":
            stack.append(names[value])
        elif step == "push":
            stack.append(value)
        elif step == "store":
            names[value] = stack.pop()
        elif step == "jump":
            at = value
        elif step == "branch":
            if not stack.pop():
                at = value
        else:
            right, left = stack.pop(), stack.pop()
            if step == "+":
                stack.append(left + right)
            elif step == "-":
                stack.append(left - right)
            elif step == "*":
                stack.append(left * right)
            elif step == "%":
                stack.append(left % right)
            elif step == "<":
                stack.append(left < right)
            else:
                stack.append(left == right)
    return names


def main(n):
    total = 0
    for _ in range(n):
        compiler = Compiler(tokens(SOURCE))
        compiler.block("end")
        total += run(compiler.code)["answer"]
    return total
