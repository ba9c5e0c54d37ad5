"""Finding the tools.

Owns: discovery by package walk. Refuses: an order or a default, which are the window's.
"""

from __future__ import annotations

import importlib
import pkgutil

import editor_core.tools
from editor_core.tools.tool import Tool


def discover() -> dict[str, Tool]:
    """One new tool of each kind, by id: every module of this package that declares `TOOL`."""
    found: dict[str, Tool] = {}
    for info in pkgutil.iter_modules(editor_core.tools.__path__, "editor_core.tools."):
        kind = getattr(importlib.import_module(info.name), "TOOL", None)
        if kind is not None:
            tool = kind()
            found[tool.id] = tool
    return found
