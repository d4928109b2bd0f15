"""Trees of tuples and deep recursion: short functions that call themselves, hardly a loop."""


def build(depth):
    if depth == 0:
        return None, None
    return build(depth - 1), build(depth - 1)


def count(tree):
    left, right = tree
    if left is None:
        return 1
    return 1 + count(left) + count(right)


def mirror(tree):
    left, right = tree
    if left is None:
        return tree
    return mirror(right), mirror(left)


def moves(disks, start, end, spare):
    if disks == 0:
        return 0
    return moves(disks - 1, start, spare, end) + 1 + moves(disks - 1, spare, end, start)


def chain(links):
    return 0 if links == 0 else 1 + chain(links - 1)


def main(n):
    total = 0
    for i in range(n):
        total += count(mirror(build(9))) + moves(9, 0, 1, 2) + chain(300 + i % 50)
    return total
