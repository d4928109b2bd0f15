"""Runs a program of the bench and prints a line of JSON.

usage: python run_one.py FOLDER MODULE N          user and all CPU seconds of main(N), and its result
       python run_one.py FOLDER MODULE find S     how large N must be for main(N) to take S seconds of CPU time
"""
import json
import resource
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


def measure(main, n):
    main(1)  # imports, caches and the interpreter's specialization are no tool's cost
    before = resource.getrusage(resource.RUSAGE_SELF)
    result = main(n)
    after = resource.getrusage(resource.RUSAGE_SELF)
    user = after.ru_utime - before.ru_utime
    return {"user": user, "cpu": user + after.ru_stime - before.ru_stime, "result": repr(result)}


folder, module, what = sys.argv[1:4]
sys.path.insert(0, folder)
main = __import__(module).main
outcome = {"n": find(main, float(sys.argv[4]))} if what == "find" else measure(main, int(what))
print(json.dumps(outcome))
