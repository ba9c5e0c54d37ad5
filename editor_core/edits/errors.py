"""What an edit refuses with.

Owns: the one exception of `editor_core.edits`. Refuses: messages that do not name the thing and the remedy.
"""

from __future__ import annotations

from editor_core.document import DocumentError


class EditError(DocumentError):
    """An edit that cannot be made; the message names the clip, track or media and what would do. Nothing has changed."""
