"""Values that statements drop, with the truth of how many of them were freed. Instrumented by dropped.test.ts."""
import json


class Thing:
    freed = 0

    def __del__(self):
        Thing.freed += 1


def make():
    return Thing()


KEPT = [Thing(), {"a": 1}]


def kept():
    return KEPT[0]


def same(value):
    return value


def temporaries(n):
    for _ in range(n):
        make()


def references(n):
    local = Thing()
    for _ in range(n):
        kept()
        same(local)
        same(local)


def builtin(n):
    for _ in range(n):
        dict(a=1)
        "text".split("e")


if __name__ == "__main__":
    temporaries(50)
    assert Thing.freed == 50
    references(30)
    assert Thing.freed == 51
    builtin(20)
    print(json.dumps({"temporaries": [[50, "__main__.Thing"]], "references": [[90, None]],
                      "builtin": [[20, "dict"], [20, "list"]]}))
