"""A pool of processes; how they start is the argument."""
import multiprocessing
import sys


class Work:
    factor = 3

    def __init__(self, n):
        self.n = n

    def done(self):
        return [self.n * self.factor for _ in range(self.n)]


def work(n):
    if n == 13:
        raise ValueError("thirteen")
    return sum(Work(n).done())


if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    with context.Pool(2) as pool:
        print(pool.map(work, range(12), chunksize=2))
        print(pool.apply(work, (12,)))
        try:
            pool.apply(work, (13,))
        except ValueError as error:
            print(repr(error), type(error.__cause__).__name__)
        pool.close()
        pool.join()
    queue = context.Queue()
    process = context.Process(target=queue.put, args=(work(5),))
    process.start()
    print(queue.get(), process.join(), process.exitcode)
