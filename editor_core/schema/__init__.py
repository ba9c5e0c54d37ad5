"""Record kinds, and the closed list of them that files and peers may contain.

Owns: `AnyRecord` and the lookup by type tag. Refuses: behaviour.
"""

from __future__ import annotations

from editor_core.schema.clip import Align, BlendMode, Clip, ClipKind, Colour, Crop, Point, Scale
from editor_core.schema.collection import Collection
from editor_core.schema.marker import Marker
from editor_core.schema.media import AudioStream, MediaReference, VideoStream
from editor_core.schema.project import Project
from editor_core.schema.record import IdSource, Record, SchemaError, field_types, new_id, plain, replace, typed, validated
from editor_core.schema.ripple import Ripple
from editor_core.schema.timeline import Timeline
from editor_core.schema.track import Track, TrackKind
from editor_core.schema.transition import Transition

AnyRecord = Project | Timeline | Track | Clip | Transition | Marker | MediaReference | Ripple | Collection
KINDS: dict[str, type[Record]] = {
    str(kind.__struct_config__.tag): kind
    for kind in (Project, Timeline, Track, Clip, Transition, Marker, MediaReference, Ripple, Collection)
}
"""Record class by stored type tag."""

__all__ = [
    "KINDS", "Align", "AnyRecord", "AudioStream", "BlendMode", "Clip", "ClipKind", "Collection", "Colour", "Crop", "IdSource", "Marker",
    "MediaReference", "Point", "Project", "Record", "Ripple", "Scale", "SchemaError", "Timeline", "Track", "TrackKind",
    "Transition", "VideoStream", "field_types", "new_id", "plain", "replace", "typed", "validated",
]
