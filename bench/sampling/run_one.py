"""Runs a program of the bench and prints a line of JSON.

usage: python run_one.py FOLDER MODULE N          the result of main(N)
       python run_one.py FOLDER MODULE find S     how large N must be for main(N) to take S seconds of CPU time
"""
import json
import sys
import time


def find(main, seconds):
    n, took = 1, 0.0
    while took < seconds / 4:
        n *= 2
        begin = time.process_time()
        main(n)
        took = time.process_time() - begin
    return max(1, round(n * seconds / took))


def run(main, n):
    main(1)  # of which sampled code counts the operations, too
    return {"result": repr(main(n))}


folder, module, what = sys.argv[1:4]
sys.path.insert(0, folder)
main = __import__(module).main
outcome = {"n": find(main, float(sys.argv[4]))} if what == "find" else run(main, int(what))
print(json.dumps(outcome))
