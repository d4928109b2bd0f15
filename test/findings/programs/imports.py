"""Imports."""

import json

ROUNDS = 2000


def parse_with_import(text):
    import json

    return json.loads(text)


def parse(text):
    return json.loads(text)


def fault_import():
    return sum(parse_with_import("1") for _ in range(ROUNDS))


def sound_import():
    """An import that runs a few times costs nothing to speak of."""

    def lazily():
        import json

        return json.loads("0")

    return lazily() + sum(parse("1") for _ in range(ROUNDS))
