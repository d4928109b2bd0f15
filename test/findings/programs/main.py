"""Runs every program of this folder: each has a function with a fault and one without, which do the same work."""

import asyncs
import containers
import errors
import growth
import imports
import lookups
import namespaces
import properties
import regexes
import strangers
import temporaries

MODULES = [
    asyncs,
    containers,
    errors,
    growth,
    imports,
    lookups,
    namespaces,
    properties,
    regexes,
    strangers,
    temporaries,
]


def main():
    for module in MODULES:
        faults = sorted(name for name in vars(module) if name.startswith("fault_"))
        for name in faults:
            sound = name.replace("fault_", "sound_")
            module.work = getattr(module, name)
            first = module.work()
            module.work = getattr(module, sound)
            second = module.work()
            assert first == second, (module.__name__, name, first, second)
            print(module.__name__, name, first)


main()
