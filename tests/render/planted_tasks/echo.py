"""Gives its arguments back, after a report. Owns: that. Refuses: anything else."""

import os
import time
from typing import Any

TASK = "echo"


def run(args: dict[str, Any], report: Any) -> dict[str, Any]:
    report({"done": 0.5})
    time.sleep(args.get("seconds", 0))
    return {"args": args, "pid": os.getpid()}
