"""A TCP server and its clients in one event loop; cancelled tasks, time-outs, async generators, locks."""
import asyncio
import contextlib

CLIENTS, LINES = 8, 12


async def serve(reader, writer):
    async for line in reader:
        writer.write(line.upper())
        await writer.drain()
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


async def talk(port, number):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answers = []
    for n in range(LINES):
        writer.write(b"client %d line %d\n" % (number, n))
        await writer.drain()
        answers.append(await reader.readline())
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()
    return answers


async def count(limit):
    try:
        for n in range(limit):
            await asyncio.sleep(0)
            yield n
    finally:
        print("counted")


class Failing:
    async def __aenter__(self):
        await asyncio.sleep(0)
        return self

    async def __aexit__(self, kind, error, traceback):
        await asyncio.sleep(0)
        return kind is ZeroDivisionError


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    for answers in await asyncio.gather(*(talk(port, n) for n in range(CLIENTS))):
        print(b"".join(answers).decode(), end="")
    server.close()
    await server.wait_closed()
    print([n * 2 async for n in count(4)], sum([await asyncio.sleep(0, n) for n in range(5)]))
    async for n in count(10):
        if n == 3:
            break
    async with Failing():
        1 / 0
    forever = asyncio.ensure_future(asyncio.Event().wait())
    await asyncio.sleep(0)
    forever.cancel()
    for waiting in (forever, asyncio.wait_for(asyncio.sleep(10), 0.01)):
        try:
            await waiting
        except (asyncio.CancelledError, asyncio.TimeoutError) as error:
            print(type(error).__name__)
    lock, order = asyncio.Lock(), []

    async def ordered(n):
        async with lock:
            await asyncio.sleep(0)
            order.append(n)

    await asyncio.gather(*map(ordered, range(6)))
    print(order, (await asyncio.gather(talk(1, 1), return_exceptions=True))[0].__class__.__name__)
    return "done"


print(asyncio.run(main()))
