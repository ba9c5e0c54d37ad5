"""The records of a new project.

Owns: project, main timeline, one video and one audio track. Refuses: files (see storage) and media.
"""

from __future__ import annotations

from editor_core.schema import IdSource, Project, Record, SchemaError, Timeline, Track, new_id, replace
from editor_core.timing import Rate


def new_records(ids: IdSource = new_id, name: str = "", width: int = 1920, height: int = 1080, rate: Rate = Rate(25, 1),  # noqa: B008
                audio_rate: int = 48000) -> list[Record]:
    """Project, timeline, V1 and A1.

    Raises TimingError for a rate that is not exact in ticks, SchemaError for a size (even pixels, 16 to 16384) or an audio rate out
    of range.
    """
    for what, value, least, most in (("width", width, 16, 16384), ("height", height, 16, 16384), ("audio_rate", audio_rate, 8000, 192000)):
        if not least <= value <= most:
            raise SchemaError(f"{what}: {value} is not {least} to {most}")
    for side, value in (("width", width), ("height", height)):
        if value % 2:
            raise SchemaError(f"{side}: {value} is odd; video needs even sizes, such as {value + 1}")
    shape = {"width": width, "height": height, "rate": rate.check(), "audio_rate": audio_rate}
    timeline = replace(Timeline(id=ids("t")), **shape)
    return [
        Project(id="project", name=name, main_timeline=timeline.id),
        timeline,
        Track(id=ids("k"), timeline=timeline.id, kind="video", order="V"),
        Track(id=ids("k"), timeline=timeline.id, kind="audio", order="V"),
    ]
