"""Captions: what is said, in words under the picture.

Owns: `caption.add`. Refuses: changing one (`title.set`, `clip.set` and the rest do), hearing what is said.
"""

from __future__ import annotations

from editor_core.commands.context import Context, Time, TrackName
from editor_core.commands.generated import ClipResult, Text
from editor_core.commands.registry import Args, command
from editor_core.edits.generate import add_generated
from editor_core.edits.style import Style, fields_of
from editor_core.edits.wording import called

HEIGHT = 0.045
"""Size of the letters, where the style says nothing of it, as a share of the frame's height."""


class CaptionAdd(Args, frozen=True):
    text: Text
    at: Time
    duration: Time
    track: TrackName | None = None
    style: Style | None = None


@command("caption.add", "Add caption", menu="Clip", icon="captions")
def add_caption(ctx: Context, args: CaptionAdd) -> ClipResult:
    """Adds words under the picture. Without a track they go to the first caption track that is free there, else to a new one."""
    track = None if args.track is None else ctx.track(args.track)
    size = max(1.0, round(ctx.draft.timeline.height * HEIGHT))
    clip = add_generated(ctx.draft, "caption", ctx.frame_time(args.at, "at"), ctx.frame_time(args.duration, "duration"), track,
                         text=args.text, **{"font_size": size, **fields_of(args.style)})
    ctx.label = f"Add caption {called(ctx.draft, clip)}"
    return ClipResult(clip.id)
