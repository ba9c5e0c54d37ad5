"""Loading what later tasks will need, while their client still prepares them.

Owns: the task `prepare`. Refuses: any work.
"""

from __future__ import annotations

from typing import Any

from render.tasks import Report, find

TASK = "prepare"


def run(args: dict[str, Any], report: Report) -> dict[str, Any]:
    """Loads the modules of the `tasks` named. Raises UnknownTask."""
    for name in args["tasks"]:
        find(str(name))
    return {}
