"""Matrices as lists of lists: products, elimination with pivots, loops within loops within loops."""


def product(a, b):
    size = len(b)
    columns = [[row[k] for row in b] for k in range(len(b[0]))]
    result = []
    for row in a:
        line = []
        for column in columns:
            total = 0.0
            for k in range(size):
                total += row[k] * column[k]
            line.append(total)
        result.append(line)
    return result


def determinant(rows):
    rows = [row[:] for row in rows]
    size, value = len(rows), 1.0
    for i in range(size):
        pivot = max(range(i, size), key=lambda k: abs(rows[k][i]))
        if rows[pivot][i] == 0:
            return 0.0
        if pivot != i:
            rows[i], rows[pivot] = rows[pivot], rows[i]
            value = -value
        value *= rows[i][i]
        for k in range(i + 1, size):
            factor = rows[k][i] / rows[i][i]
            for j in range(i, size):
                rows[k][j] -= factor * rows[i][j]
    return value


def main(n):
    size, total = 14, 0.0
    for i in range(n):
        a = [[((r * 7 + c * 3 + i) % 11) / 11 for c in range(size)] for r in range(size)]
        b = [[((r * 5 + c * c + i) % 13) / 13 + (r == c) for c in range(size)] for r in range(size)]
        total += determinant(product(a, b)) + determinant(b)
    return "%.9g" % total
