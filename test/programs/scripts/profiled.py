"""Other tools that watch a program, at work on a program that is recorded."""
import cProfile
import io
import pstats
import sys
import trace

import child


def work():
    total = 0
    for n in range(5):
        total += child.count(n)
    try:
        child.missing
    except AttributeError:
        total += 1
    return total


profiler = cProfile.Profile()
print(profiler.runcall(work))
text = io.StringIO()
statistics = pstats.Stats(profiler, stream=text)
for (file, line, name), (calls, primitive, *_) in sorted(statistics.stats.items()):
    print(file.rpartition("/")[2], line, name, calls, primitive)

tracer = trace.Trace(count=1, trace=0)
print(tracer.runfunc(work))
for (file, line), count in sorted(tracer.results().counts.items()):
    print(file.rpartition("/")[2], line, count)

events = []


def follow(frame, event, argument):
    if frame.f_code.co_filename.endswith(("child.py", "profiled.py")):
        events.append((frame.f_code.co_name, frame.f_lineno, event))
    return follow


sys.settrace(follow)
work()
sys.settrace(None)
sys.setprofile(lambda frame, event, argument: events.append((frame.f_code.co_name, event)))
work()
sys.setprofile(None)
print(*events, sep="\n")
