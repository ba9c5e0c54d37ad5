"""Tasks of disposable media workers, one module each, found by discovery.

Owns: finding a task by name. Refuses: running them anywhere but in a worker process (see `render.worker`).

A task module has `TASK = "name"` and `run(args: dict, report: Callable[[dict], None]) -> dict`; arguments, reports and result are
plain values (None, bool, int, float, str, bytes, list, dict). It raises exceptions whose message is for people.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
from collections.abc import Callable
from typing import Any

Report = Callable[[dict[str, Any]], None]
Run = Callable[[dict[str, Any], Report], dict[str, Any]]

EXTRA_PACKAGES = "PROEDITOR_TASK_PACKAGES"
"""Environment variable with further packages of tasks, separated by commas; tests plant misbehaving tasks with it."""


class UnknownTask(LookupError):
    """No module declares a task of that name."""


def find(name: str) -> Run:
    """The `run` of the task `name`. A module named like its task is found without importing the others. Raises UnknownTask."""
    names: list[str] = []
    for package in (__name__, *filter(None, os.environ.get(EXTRA_PACKAGES, "").split(","))):
        folder = importlib.import_module(package)
        names += [f"{package}.{info.name}" for info in pkgutil.iter_modules(folder.__path__)]
    for module_name in sorted(names, key=lambda n: n.rpartition(".")[2] != name):
        module = importlib.import_module(module_name)
        if getattr(module, "TASK", None) == name:
            run: Run = module.run
            return run
    raise UnknownTask(f"There is no media task {name!r}")
