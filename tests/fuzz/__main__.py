"""`dev.py fuzz [NAME …]`: every long fuzz run, or those named, one after another in processes of their own.

Owns: finding the runs and their exit status. Refuses: fuzzing itself; each run is a module beside this one with a `main`.
"""

from __future__ import annotations

import argparse
import pkgutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent


def runs() -> list[str]:
    """Names of the modules that are runs: those that can be started by themselves."""
    return sorted(info.name for info in pkgutil.iter_modules([str(HERE)])
                  if info.name != "__main__" and 'if __name__ == "__main__"' in (HERE / f"{info.name}.py").read_text())


def main() -> int:
    """Exit status 1 if any run failed."""
    parser = argparse.ArgumentParser(prog="dev.py fuzz", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(runs())}; all without names")
    given, options = parser.parse_known_args()
    unknown = set(given.names) - set(runs())
    if unknown:
        parser.error(f"there is no run {sorted(unknown)[0]!r}; there are {', '.join(runs())}")
    failed = []
    for name in given.names or runs():
        print(f"== fuzz {name}", flush=True)
        began = time.monotonic()
        if subprocess.run([sys.executable, "-m", f"tests.fuzz.{name}", *options]).returncode:
            failed.append(name)
        print(f"== fuzz {name}: {time.monotonic() - began:.0f} s", flush=True)
    print(f"Failed: {', '.join(failed)}" if failed else "Nothing found")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
