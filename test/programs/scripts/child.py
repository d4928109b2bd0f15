"""See parent.py."""
import sys


class Cell:
    value = 1


def count(n):
    return sum(Cell.value for _ in range(n))


if __name__ == "__main__":
    if sys.argv[1] == "raise":
        raise RuntimeError("child")
    if sys.argv[1] == "exit":
        sys.exit("child exits")
    print(count(int(sys.argv[1])), sys.argv, __name__, __debug__)
