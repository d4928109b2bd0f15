# ends 1
# requires 3.11
# release builds: an assertion of the debug build fails without probes, too
"""except*, exception groups, notes: what is caught, what is raised again, how it prints."""
import asyncio
import sys
import traceback


def group(*errors):
    return ExceptionGroup("group", list(errors))


def splits(error):
    log = []
    try:
        raise error
    except* ValueError as caught:
        log.append(("value", [str(e) for e in caught.exceptions]))
    except* (KeyError, IndexError) as caught:
        log.append(("lookup", len(caught.exceptions)))
        raise
    except* OSError:
        log.append("os")
        raise RuntimeError("instead")
    else:
        log.append("else")
    finally:
        log.append("finally")
        print(log)


def nested():
    try:
        try:
            raise group(ValueError(1), group(TypeError(2), ValueError(3)))
        except* TypeError as caught:
            caught.add_note("a note")
            raise ValueError("from type") from caught
    except* ValueError as caught:
        print(repr(caught))
        raise


def loops():
    for number in range(4):
        try:
            if number == 1:
                continue
            if number == 3:
                break
            raise group(ValueError(number))
        except* ValueError:
            print("handled", number)
    return number


def plain_raise():
    try:
        raise ValueError("single")
    except* ValueError as caught:
        print(type(caught).__name__, caught.exceptions)


def refuses():
    try:
        raise group(ValueError())
    except* ExceptionGroup:
        pass


def refuses_type():
    try:
        raise group(ValueError())
    except* 5:
        pass


def notes():
    error = ValueError("noted")
    error.add_note("first note")
    error.add_note("second\nnote")
    raise error


async def tasks():
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(fails(1))
        tasks.create_task(fails(2))
        await asyncio.sleep(1)


async def fails(number):
    raise ValueError(number)


def run_tasks():
    asyncio.run(tasks())


def attempt(function, *arguments):
    print("==", function.__name__)
    try:
        print(function(*arguments))
    except BaseException as error:
        text = "".join(traceback.format_exception(error))
        # asyncio's own lines differ from patch to patch, not from run to run
        print(text)
    print(sys.exc_info())


for error in (ValueError("v"), group(ValueError("a"), ValueError("b")), group(KeyError("k"), ValueError("v")),
              group(OSError("o"), IndexError("i")), group(TypeError("t")), KeyError("naked"), KeyboardInterrupt("base")):
    attempt(splits, error)
for function in (nested, loops, plain_raise, refuses, refuses_type, notes, run_tasks):
    attempt(function)
raise group(ValueError("last"), group(KeyError("k")))
