"""Patterns."""

import re

WORD = re.compile(r"[a-z]+")
TEXTS = ["one two three %d" % number for number in range(1500)]


def fault_compile():
    found = 0
    for text in TEXTS:
        pattern = re.compile(r"[a-z]+")
        if pattern.match(text):
            found += 1
    return found


def sound_compile():
    found = 0
    for text in TEXTS:
        if WORD.match(text):
            found += 1
    return found
