"""Awaits."""

import asyncio

ROUNDS = 6000


async def double(number):
    return number * 2


async def wait(number):
    await asyncio.sleep(0)
    return number * 2


async def ready():
    total = 0
    for number in range(ROUNDS):
        total += await double(number)
    return total


async def suspended():
    total = 0
    for number in range(ROUNDS):
        total += (await wait(number)) if number % 10 == 0 else number * 2
    return total


def fault_await():
    return asyncio.run(ready())


def sound_await():
    return asyncio.run(suspended())
