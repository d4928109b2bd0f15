"""async with: an exception inside, seen by __aexit__ while it awaits (two nested ones crashed 3.8)."""


class Steps:
    def __init__(self, steps):
        self.steps = steps

    def __await__(self):
        for step in self.steps:
            yield step


class Manager:
    def __init__(self, name, swallow):
        self.name, self.swallow = name, swallow

    async def __aenter__(self):
        await Steps([f"enter 1 {self.name}", f"enter 2 {self.name}"])
        return self

    async def __aexit__(self, *error):
        await Steps([f"exit 1 {self.name} {error[0]}", f"exit 2 {self.name}"])
        return self.swallow


async def both(swallow, fail):
    async with Manager("A", False) as a, Manager("B", swallow) as b:
        await Steps([("managers", a.name, b.name)])
        if fail == "return":
            return "returned"
        if fail:
            1 / 0
    return "end"


async def loop():
    seen = []
    for turn in range(4):
        async with Manager(turn, True):
            if turn == 1:
                continue
            if turn == 2:
                break
            raise ValueError(turn)
        seen.append(turn)
    return seen


def drive(coroutine):
    log = []
    try:
        while True:
            log.append(coroutine.send(None))
    except StopIteration as stop:
        return log, stop.value
    except Exception as error:
        return log, repr(error)


for swallow in (False, True):
    for fail in (False, True, "return"):
        print(swallow, fail, drive(both(swallow, fail)))
print(drive(loop()))
