"""Doctests.

>>> double(2)
4
>>> double("ab")
'abab'
>>> double(None)
Traceback (most recent call last):
    ...
TypeError: unsupported operand type(s) for *: 'NoneType' and 'int'
>>> [double(n) for n in range(3)]  # wrong on purpose
[0, 2, 5]
"""


def double(x):
    """
    >>> double([1])
    [1, 1]
    """
    return x * 2


if __name__ == "__main__":
    import doctest

    results = doctest.testmod(verbose=True)
    print(results.failed, results.attempted)
