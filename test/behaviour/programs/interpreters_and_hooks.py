# requires 3.14
"""Functions that are sent to other interpreters while audit hooks written in Python run, from several threads, too."""
import sys
import threading
from concurrent import interpreters

seen = []


def names_of(arguments):
    return [type(argument).__name__ for argument in arguments]


def hook(event, arguments):
    if event == "marshal.dumps":
        for name in names_of(arguments):
            seen.append(name)


def work(n):
    total = 0
    for i in range(n):
        total += len([i]) + n.real
    return total


def calls_work(n):
    def inner(k):
        return [k].copy()[0] + len(str(k))

    return inner(n) + n.bit_length()


def send(other, function, argument):
    return other.call(function, argument), function(argument)


def main():
    sys.addaudithook(hook)
    other = interpreters.create()
    for round in range(3):
        print(send(other, work, 10 + round), send(other, calls_work, round))
    results = []
    threads = [threading.Thread(target=lambda: results.append(send(other, work, 5))) for _ in range(2)]
    for thread in threads:
        thread.start()
        thread.join()
    print(results, sorted(set(seen)))
    other.exec("print(sum(i.real for i in range(4)))")
    other.close()
    print([work(3) for _ in range(3)], len(seen) > 0)


main()
