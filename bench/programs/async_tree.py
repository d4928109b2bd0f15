"""A tree of coroutines: awaits that go through, awaits that are suspended, tasks."""
import asyncio


class Tree:
    def __init__(self):
        self.leaves = 0

    async def leaf(self, number):
        self.leaves += 1
        if number % 10 == 0:
            await asyncio.sleep(0)
        return number

    async def branch(self, depth, number):
        if depth == 0:
            return await self.leaf(number)
        left = await self.branch(depth - 1, number * 2)
        return left + await self.branch(depth - 1, number * 2 + 1)

    async def grow(self, trees):
        return sum(await asyncio.gather(*[self.branch(6, i) for i in range(trees)]))


def main(n):
    return asyncio.run(Tree().grow(4 * n))
