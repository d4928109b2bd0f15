"""Every form of difflib's output."""
import difflib
import sys

one = ["line %d\n" % n for n in range(60)]
two = [line for n, line in enumerate(one) if n % 7] + ["end\n"]
two[11] = "lime eleven\n"
sys.stdout.writelines(difflib.unified_diff(one, two, "one", "two"))
sys.stdout.writelines(difflib.context_diff(one, two, "one", "two", n=1))
sys.stdout.writelines(difflib.ndiff(one[:20], two[:20]))
print(difflib.get_close_matches("appel", ["ape", "apple", "peach", "puppy"]))
print(len(difflib.HtmlDiff().make_file(one, two)), difflib.SequenceMatcher(None, "abxcd", "abcd").get_opcodes())
