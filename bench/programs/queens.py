"""The eight queens, by generators and sets."""


def permutations(pool, count):
    indices = list(range(len(pool)))
    cycles = list(range(len(pool), len(pool) - count, -1))
    yield tuple(pool[i] for i in indices[:count])
    while True:
        for i in reversed(range(count)):
            cycles[i] -= 1
            if cycles[i] == 0:
                indices[i:] = indices[i + 1:] + indices[i:i + 1]
                cycles[i] = len(pool) - i
            else:
                j = cycles[i]
                indices[i], indices[-j] = indices[-j], indices[i]
                yield tuple(pool[i] for i in indices[:count])
                break
        else:
            return


def solutions(size):
    columns = range(size)
    for rows in permutations(columns, size):
        if size == len({rows[i] + i for i in columns}) == len({rows[i] - i for i in columns}):
            yield rows


def main(n):
    return sum(len(list(solutions(6))) for _ in range(n))
