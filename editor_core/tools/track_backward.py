"""The track select tool that looks backwards.

Owns: its name and key. Refuses: anything else.
"""

from __future__ import annotations

from editor_core.tools.track_forward import TrackForwardTool


class TrackBackwardTool(TrackForwardTool):
    """Shift+A: selects the clip and everything earlier on all unlocked tracks; Shift only on its track."""

    id, title, key, icon = "track_backward", "Select tracks backward", "Shift+A", "pe-track-forward"
    _forward = False


TOOL = TrackBackwardTool
