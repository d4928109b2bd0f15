"""A program in phases, each with code of its own: it builds text, counts words, sorts records, and adds up."""


def write(count):
    words = ["w%d" % (i * i % 97) for i in range(60)]
    text = ""
    for i in range(count):
        text += words[(i * 31) % 60]
        text += ".\n" if i % 9 == 8 else " "
    return text


def tally(text):
    counts, longest = {}, ""
    for line in text.split("\n"):
        for word in line.strip(".").split():
            counts[word] = counts.get(word, 0) + 1
            if len(word) > len(longest):
                longest = word
    return counts, longest


class Row:
    def __init__(self, word, count):
        self.word, self.count = word, count

    def __lt__(self, other):
        if self.count != other.count:
            return self.count > other.count
        return self.word < other.word


def order(counts, times):
    rows = [Row("%s-%d" % (word, k), count * (k + 3) % 17) for word, count in counts.items() for k in range(times)]
    rows.sort()
    return rows


def sums(rows):
    total, largest = 0, 0
    for i, row in enumerate(rows):
        part = row.count * (i + 1)
        total += part
        while part > largest:
            largest += 1 + part // 2
        total ^= largest
    return total


def main(n):
    text = write(800 * n)
    counts, longest = tally(text)
    rows = order(counts, 3 * n)
    return len(text), longest, sum(sums(rows) for _ in range(6))
