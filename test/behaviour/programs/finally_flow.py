"""try, except, else, finally: every way through."""
import sys
import warnings

warnings.simplefilter("ignore")


def attempt(function, *arguments):
    try:
        result = function(*arguments)
    except BaseException as error:
        result = (type(error).__name__, str(error), repr(error.__cause__), repr(error.__context__),
                  error.__suppress_context__, error.__traceback__.tb_next.tb_lineno)
    print(function.__name__, arguments, "->", result, sys.exc_info())


def every_way(way):
    log = []
    for turn in range(3):
        try:
            log.append(turn)
            if way == "return":
                return log
            if way == "break":
                break
            if way == "continue":
                continue
            if way == "raise":
                raise ValueError(turn)
            if way == "exit":
                sys.exit(turn)
        except ValueError as error:
            log.append(str(error))
        else:
            log.append("else")
        finally:
            log.append("finally")
    else:
        log.append("loop else")
    return log


def finally_returns(way):
    try:
        if way == "raise":
            raise KeyError(way)
        return "try"
    finally:
        return "finally"


def finally_breaks():
    while True:
        try:
            1 / 0
        finally:
            break
    return "broke"


def finally_continues():
    turns = 0
    while turns < 3:
        turns += 1
        try:
            raise ValueError
        finally:
            continue
    return turns


def replaced():
    try:
        raise ValueError("first")
    except ValueError:
        raise KeyError("second")
    finally:
        int("third")


def chained(way):
    try:
        {}["missing"]
    except KeyError as error:
        if way == "cause":
            raise OSError("why") from error
        if way == "none":
            raise OSError("none") from None
        raise


def unbound():
    error = "mine"
    try:
        raise ValueError("v")
    except ValueError as error:
        pass
    return error


def handled_state():
    states = [sys.exc_info()[0]]
    try:
        raise ValueError
    except ValueError:
        states.append(sys.exc_info()[0].__name__)
        try:
            raise KeyError
        except KeyError:
            states.append(sys.exc_info()[0].__name__)
        states.append(sys.exc_info()[0].__name__)
    states.append(sys.exc_info()[0])
    return states


class Strange(type):
    def __instancecheck__(cls, other):
        raise AssertionError("never asked")


class Matches(Exception, metaclass=Strange):
    pass


def kinds(error, *kinds):
    try:
        raise error
    except kinds:
        return "matched"
    except (LookupError, (ArithmeticError, OSError)):
        return "tuple"
    except:
        return "bare"


def not_a_class():
    try:
        raise ValueError("v")
    except "text":
        pass


def raise_odd(value):
    raise value


def raise_from_odd():
    raise ValueError from 5


def nested(depth):
    if depth == 0:
        raise RuntimeError("bottom")
    try:
        nested(depth - 1)
    except RuntimeError as error:
        error.args += (depth,)
        raise
    finally:
        depth = None


def reraise_later():
    try:
        1 / 0
    except ZeroDivisionError as error:
        saved = error
    raise saved


def bare_raise():
    raise


def while_else(limit):
    while limit:
        limit -= 1
        if limit == 2:
            try:
                return "found"
            finally:
                limit = 0
    else:
        return "else"


def deep():
    """As many blocks as the older versions allow, nearly."""
    for a in range(1):
        try:
            try:
                try:
                    try:
                        try:
                            try:
                                try:
                                    try:
                                        try:
                                            with open("/nonexistent/file"):
                                                pass
                                        finally:
                                            a += 1
                                    finally:
                                        a += 1
                                finally:
                                    a += 1
                            finally:
                                a += 1
                        except KeyError:
                            pass
                    finally:
                        a += 1
                except IndexError:
                    pass
            finally:
                a += 1
        except OSError as error:
            return a, error.errno


for way in ("return", "break", "continue", "raise", "exit", "end"):
    attempt(every_way, way)
attempt(finally_returns, "raise")
attempt(finally_returns, "return")
attempt(finally_breaks)
attempt(finally_continues)
attempt(replaced)
for way in ("cause", "none", "bare"):
    attempt(chained, way)
attempt(unbound)
attempt(handled_state)
attempt(kinds, KeyError(1), KeyError)
attempt(kinds, ZeroDivisionError(1), KeyError, Matches)
attempt(kinds, Matches(1), KeyError, IndexError)
attempt(kinds, KeyboardInterrupt(1), KeyError)
attempt(not_a_class)
for value in (5, int, ValueError, KeyError("k"), None):
    attempt(raise_odd, value)
attempt(raise_from_odd)
attempt(nested, 4)
attempt(reraise_later)
attempt(bare_raise)
attempt(while_else, 1)
attempt(while_else, 5)
attempt(deep)
