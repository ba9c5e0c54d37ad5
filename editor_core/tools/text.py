"""The text tool: a click adds a title.

Owns: where the title goes and for how long. Refuses: its words and style, which the inspector edits.
"""

from __future__ import annotations

from editor_core.timing import TICKS_PER_SECOND, round_to_frame
from editor_core.tools.gesture import PointerTool
from editor_core.tools.tool import NOTHING, Call, Hit, Modifiers, Pointer, Reaction, Stage

_LENGTH = 4 * TICKS_PER_SECOND


class TextTool(PointerTool):
    """T: adds a title at the frame under the pointer, on the picture track under it where there is room."""

    id, title, key, icon = "text", "Text", "T", "type"

    def click(self, pointer: Pointer, stage: Stage) -> Reaction:
        at = round_to_frame(max(0, pointer.ticks), stage.view.timeline.rate)
        length = round_to_frame(_LENGTH, stage.view.timeline.rate)
        args: dict[str, object] = {"text": "Title", "at": at, "duration": length}
        track = next((t for t in stage.view.tracks("video") if t.id == pointer.track and not t.locked), None)
        if track is not None and not stage.view.clips_between(track.id, at, at + length):
            args["track"] = track.id
        return Reaction(command=Call("title.add", args), seek=at) if pointer.hit.kind != "none" or not pointer.track else NOTHING

    def cursor(self, hit: Hit, modifiers: Modifiers) -> str:
        return "type"


TOOL = TextTool
