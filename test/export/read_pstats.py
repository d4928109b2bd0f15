"""Loads a profile with pstats; prints sums as JSON. usage: read_pstats.py FILE"""
import io
import json
import pstats
import sys

text = io.StringIO()
stats = pstats.Stats(sys.argv[1], stream=text)
stats.sort_stats("tottime", "name").print_stats()
stats.print_callers()
stats.print_callees()
# Adding a profile to itself goes through all callers.
stats.add(sys.argv[1])
print(
    json.dumps(
        {
            "calls": stats.total_calls,
            "primitive": stats.prim_calls,
            "seconds": stats.total_tt,
            "functions": sorted(name for _, _, name in stats.stats),
            "callers": sum(len(entry[4]) for entry in stats.stats.values()),
            "lines": len(text.getvalue().splitlines()),
        }
    )
)
