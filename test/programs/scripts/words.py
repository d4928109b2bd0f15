"""Counts the words of standard input, read in three ways."""
import fileinput
import sys

first = sys.stdin.readline()
line = input()
counts = {}
for text in sys.stdin:
    for word in text.split():
        counts[word] = counts.get(word, 0) + 1
print(first.strip(), "|", line, "|", sorted(counts.items()))
print("unterminated", end="")
sys.stderr.write("to standard error, unterminated")
