"""The film of the design's picture, as records: seven tracks with every kind of clip.

Owns: records only. Refuses: media files.
"""

from __future__ import annotations

from editor_core.schema import Marker, Record, Transition
from editor_core.timing import TICKS_PER_SECOND
from tests.app.desktop.canvas.benches import film, media, shot, track

S = TICKS_PER_SECOND


def harbour() -> list[Record]:
    """About two and a half minutes; `m9` is meant to be offline."""
    assets = [
        media("m1", "Harbour dawn, wide", 48), media("m2", "Skipper interview A", 1100), media("m3", "Nets, close", 31, sound=False),
        media("m4", "Drone over the bay", 72), media("m5", "Fish market, 05:30", 125, variable=True), media("m6", "Engine gauges", 40),
        media("m7", "Rope on the pier", 60, sound=False), media("m8", "Harbour ambience", 300, picture=False),
        media("m9", "DECK_0142.MOV", 40), media("m10", "Low tide (stem mix)", 400, picture=False),
    ]
    tracks = [track("v2", "video", "b1", name="Cutaways"), track("v3", "video", "c1", name="Titles"),
              track("a2", "audio", "b1", name="Sounds", gain_db=-9.0), track("a3", "audio", "c1", name="Music", locked=True, gain_db=-14.5)]
    picture = [
        shot("c1", 0, 48.4, source=0, name="Harbour dawn, wide", link="l1"), shot("c2", 48.4, 25.6, asset="m2", link="l2"),
        shot("c3", 74, 8.2, asset="m3"), shot("c4", 82.2, 21.4, asset="m2", source=200, link="l3", opacity=0.92),
        shot("c5", 103.6, 9.4, asset="m4", rotation=3.0), shot("c6", 113, 13.4, asset="m5", link="l4"),
        shot("c7", 126.4, 9.2, asset="m6", source=5), shot("c8", 135.6, 14, asset="m9", source=2),
        shot("c9", 56.4, 8, asset="m7", track="v2"), shot("c10", 66.2, 6.6, asset="m7", track="v2", source=2, fade_in=S, fade_out=S),
        shot("c11", 90.4, 8.4, asset="m4", track="v2", enabled=False),
        shot("c12", 42, 5.2, asset="", track="v3", kind="title", text="Main title"),
        shot("c13", 83, 8.2, asset="", track="v3", kind="title", text="Skipper, fourth generation\nNorth pier"),
        shot("c14", 112.4, 34, asset="", track="v3", kind="solid", color="#204060"),
    ]
    sound = [
        shot("s1", 0, 48.4, track="k3", kind="audio", source=0, link="l1"),
        shot("s2", 48.4, 25.6, asset="m2", track="k3", kind="audio", link="l2", fade_out=2 * S),
        shot("s3", 82.32, 21.28, asset="m2", track="k3", kind="audio", source=200, link="l3", gain_db=-6.0),
        shot("s4", 113, 13.4, asset="m5", track="k3", kind="audio", link="l4"),
        shot("s5", 36, 41, asset="m8", track="a2", kind="audio"), shot("s6", 78.6, 6, asset="m8", track="a2", kind="audio", source=80),
        shot("s7", 103, 33, asset="m8", track="a2", kind="audio", source=120),
        shot("s8", 0, 152, asset="m10", track="a3", kind="audio", source=0),
    ]
    rest: list[Record] = [
        Transition(id="x1", track="k2", from_clip="c2", to_clip="c3", duration=2 * S),
        Transition(id="x2", track="k2", from_clip="c5", to_clip="c6", duration=S),
        Marker(id="n1", timeline="t1", start=round(48.4 * S), text="Act 1"),
        Marker(id="n2", timeline="t1", start=round(82.2 * S), duration=round(21.4 * S), text="Interview 2", color="violet"),
        Marker(id="n3", timeline="t1", start=round(126.4 * S), text="Needs sound", color="yellow"),
    ]
    return film(*assets, *tracks, *picture, *sound, *rest)
