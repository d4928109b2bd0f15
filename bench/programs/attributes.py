"""A tight loop of attribute loads and one method call: the worst case of all that watches operations."""


class Point:
    def __init__(self):
        self.x = 1
        self.y = 2

    def shift(self, by):
        self.x += by
        return self.y


def main(n):
    point = Point()
    total = 0
    for _ in range(20000 * n):
        total += point.x + point.y
        total += point.shift(1)
    return total
