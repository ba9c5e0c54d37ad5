"""The ripple record: what an insert or a closed gap did to later clips.

Owns: enough to move, after a merge, a clip that was placed without knowledge of the ripple. Refuses: the shifted starts themselves.
"""

from __future__ import annotations

from editor_core.schema.record import Record


class Ripple(Record, frozen=True, kw_only=True, tag="ripple"):
    """Clips on `tracks` that started at or after `at` (ticks) moved by `delta` ticks."""

    tracks: tuple[str, ...]
    at: int
    delta: int
