"""Code that is marshalled while it runs is the code of a program without probes, and goes on being measured."""
import marshal
import sys
import threading


def work(n):
    total = 0
    for i in range(n):
        total += len([i]) + n.real
    return total


def main():
    before = work(50)
    copy = marshal.loads(marshal.dumps(work.__code__))
    after = work(50)
    made = type(work)(copy, globals())
    print(before, after, made(50))
    nested = marshal.loads(marshal.dumps([{"codes": (work.__code__, main.__code__)}]))
    print([code.co_name for code in nested[0]["codes"]], all(type(c).__name__ not in ("Probe", "Operand") for c in nested[0]["codes"][1].co_consts))
    print(len(marshal.dumps([{work.__code__, 1}, frozenset([main.__code__])])) > 100)
    if sys.version_info >= (3, 14):
        print(marshal.loads(marshal.dumps(slice(work.__code__, 1))).stop)
    contains_itself = []
    contains_itself += [contains_itself, contains_itself]
    print(len(marshal.loads(marshal.dumps(contains_itself))))
    try:
        marshal.dumps(object())
    except ValueError as error:
        print(error)
    results = []
    thread = threading.Thread(target=lambda: results.append(marshal.loads(marshal.dumps(work.__code__)).co_name))
    thread.start()
    thread.join()
    print(results, work(50))
    with open("code.bin", "wb") as file:
        marshal.dump(work.__code__, file)
    with open("code.bin", "rb") as file:
        print(type(work)(marshal.load(file), globals())(7))


def sent(n):
    found = [n].copy()
    return len(found) + n


main()
if sys.version_info >= (3, 14):
    from concurrent import interpreters

    other = interpreters.create()
    print(other.call(sent, 3), sent(3))
    other.close()
