"""Lift: clips go, and the place where they were stays empty.

    before  |--A--|--B--|--C--|      after  |--A--|     |--C--|

Owns: removing clips with their linked ones. Refuses: closing the gap (see `extract`).
"""

from __future__ import annotations

from collections.abc import Iterable

from editor_core.document import Draft
from editor_core.edits.partners import with_linked
from editor_core.schema import Clip


def lift(draft: Draft, clips: Iterable[Clip], *, linked: bool = True) -> list[Clip]:
    """Removes clips and, with `linked`, those linked to them; returns what was removed. Raises EditError for locked tracks."""
    gone = with_linked(draft, clips, linked)
    draft.put_all(gone, deleted=True)
    return gone
