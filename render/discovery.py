"""Finding what a folder offers: one file per kind, no list to keep.

Owns: walking a package and checking what its files declare. Refuses: knowing any kind.
"""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType
from typing import Any


class DiscoveryError(Exception):
    """A file of a package that is walked does not declare what its folder asks for; the message names file and remedy."""


def by_kind(package: ModuleType, *, needs: tuple[str, ...]) -> dict[str, Any]:
    """The modules of a package by their `KIND`, in alphabetical order of file names.

    Each must also have the names in `needs`. Raises DiscoveryError for a missing name or a kind that two files claim.
    """
    found: dict[str, Any] = {}
    for entry in sorted(pkgutil.iter_modules(package.__path__), key=lambda entry: entry.name):
        module = importlib.import_module(f"{package.__name__}.{entry.name}")
        for name in ("KIND", *needs):
            if not hasattr(module, name):
                raise DiscoveryError(f"{module.__name__} declares no {name}; every file of {package.__name__} needs one")
        if module.KIND in found:
            raise DiscoveryError(f"{module.__name__} and {found[module.KIND].__name__} both claim the kind {module.KIND!r}")
        found[module.KIND] = module
    return found
