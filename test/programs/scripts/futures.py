"""concurrent.futures with processes and with threads."""
import concurrent.futures
import threading


class Cell:
    value = 2


def power(n):
    return [Cell.value ** n for _ in range(10)][-1]


def failing():
    raise LookupError("in the child")


if __name__ == "__main__":
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        print(list(pool.map(power, range(8))))
        print(repr(pool.submit(failing).exception()))
    lock, total = threading.Lock(), [0]

    def add(n):
        for _ in range(200):
            with lock:
                total[0] += n
        return power(n)

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        print(sorted(pool.map(add, range(6))), total)
