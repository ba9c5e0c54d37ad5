"""Making and showing many widgets at once, without each of their events being looked at.

Owns: having the keys look away meanwhile. Refuses: anything that waits for events in between: a dialog, a menu.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.desktop.bridge.workbench import Workbench


@contextlib.contextmanager
def undisturbed(bench: Workbench) -> Iterator[None]:
    """A widget hears a dozen events until it is shown; each of them passed by keys and mouse takes as long as making the widget."""
    keys = bench.late.get("keys")
    if keys is None:
        yield
        return
    with keys.resting():
        yield
