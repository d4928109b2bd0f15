"""fork, multiprocessing (fork, spawn, forkserver), pools: results and statuses."""
import multiprocessing
import os
import sys


def square(number):
    return number * number


def fails(number):
    raise ValueError(f"in child {number}")


def exits(code):
    sys.exit(code)


def talks(connection):
    while True:
        message = connection.recv()
        if message is None:
            break
        connection.send([message, len(message)])
    connection.close()


def generator_across_fork():
    def numbers():
        for number in range(4):
            yield number

    source = numbers()
    seen = [next(source)]
    reader, writer = os.pipe()
    child = os.fork()
    seen.append(next(source))
    if child == 0:
        os.write(writer, repr(seen + list(source)).encode())
        os._exit(0)
    os.waitpid(child, 0)
    return seen, os.read(reader, 100).decode(), list(source)


def in_context(method):
    context = multiprocessing.get_context(method)
    with context.Pool(2) as pool:
        print(method, pool.map(square, range(6)))
        try:
            pool.map(fails, [1])
        except ValueError as error:
            print(method, error)
    process = context.Process(target=exits, args=(5,))
    process.start()
    process.join()
    print(method, process.exitcode)
    ours, theirs = context.Pipe()
    process = context.Process(target=talks, args=(theirs,))
    process.start()
    for message in ("a", "bcd", None):
        ours.send(message)
        if message is not None:
            print(method, ours.recv())
    process.join()
    print(method, process.exitcode)


if __name__ == "__main__":
    print(generator_across_fork())
    for _ in range(3):
        child = os.fork()
        if child == 0:
            os._exit(sum(square(x) for x in range(5)))
        print(os.WEXITSTATUS(os.waitpid(child, 0)[1]))
    in_context("fork")
    in_context("spawn")
    in_context("forkserver")
