"""A search with undo on a board, in the manner of hexiom and go: lists of integers, loops, comparisons."""


class Board:
    def __init__(self, size):
        self.size = size
        self.cells = [0] * (size * size)
        self.neighbours = [self.around(i) for i in range(size * size)]

    def around(self, i):
        row, column = divmod(i, self.size)
        found = []
        for r, c in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
            if 0 <= r < self.size and 0 <= c < self.size:
                found.append(r * self.size + c)
        return found

    def fits(self, i, value):
        for k in self.neighbours[i]:
            if self.cells[k] == value:
                return False
        return True

    def fill(self, i, budget):
        if i == len(self.cells) or budget[0] == 0:
            return True
        for value in (1, 2, 3):
            budget[0] -= 1
            if self.fits(i, value):
                self.cells[i] = value
                if self.fill(i + 1, budget):
                    return True
                self.cells[i] = 0
        return False


def main(n):
    total = 0
    for _ in range(25 * n):
        board = Board(9)
        board.fill(0, [400])
        total += sum(board.cells)
    return total
