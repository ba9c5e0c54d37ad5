"""R4: random seeks in a 1080p H.264 file with a keyframe every two seconds, seen as the viewer sees them.

Owns: the seeks, the peer (the same libav decoding from the keyframe before, and nothing else). Refuses: warm caches; every seek goes
to another place.
"""

from __future__ import annotations

import json
import random
import threading
import time
from pathlib import Path

import av
import numpy as np

from app import bootstrap
from app.services.stills import locations
from editor_core.timing import TICKS_PER_SECOND
from render.playback.client import RenderClient
from tests.bench import footage
from tests.bench.figure import Bench, Row

FIGURE = "R4"
TITLE = "scrub: random seeks in 1080p H.264, keyframes every 2 s, at viewer quality"
SEEKS = 1000
VIEWER = (960, 540)


def measure(bench: Bench) -> list[Row]:
    """p95 of request to picture, against p95 of decoding the same frame from its keyframe."""
    path = footage.short(bench)[0]
    film = _film(bench, path)
    seeks = SEEKS if bench.pairs >= 5 else 200 * bench.pairs
    chance = random.Random(4)
    frames = [chance.randrange(footage.SHORT_SECONDS * footage.RATE - 2) for _ in range(seeks)]
    ours, peer = _both(film, path, frames)
    note = f"{seeks} seeks; medians {np.median(ours):.0f} and {np.median(peer):.0f} ms; the peer decodes only, ours also draws, scales " \
           "and brings the picture to the window"
    return [Row(figure=FIGURE, what="seek to picture, p95, against decoding from the keyframe", ours=float(np.percentile(ours, 95)),
                unit="ms", peer=float(np.percentile(peer, 95)), peer_name="libav", must=1.15, by_ratio=True, note=note)]


def _film(bench: Bench, path: Path) -> Path:
    film = bench.folder / "r4.proedit"
    film.unlink(missing_ok=True)
    bench.command("new", film, "--rate", str(footage.RATE))
    asset = json.loads(bench.command("import", film, path, "--json"))["assets"][0]["asset"]
    bench.command("run", film, "clip.append", json.dumps({"asset": asset}))
    return film


def _both(film: Path, path: Path, frames: list[int]) -> tuple[list[float], list[float]]:
    """Milliseconds of each seek, ours and the peer's, in turn."""
    arrived = threading.Event()
    wanted = [-1]

    def come(ticks: int, *_rest: object) -> None:
        if ticks == wanted[0]:
            arrived.set()

    client = RenderClient()
    client.on_frame(come)
    ours: list[float] = []
    peer: list[float] = []
    with bootstrap.reading(bootstrap.parts(), film) as project, av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        client.load(project.snapshot, {asset: [place] for asset, place in locations(project).items()})
        try:
            for number, frame in enumerate([0, *frames]):
                ticks = frame * TICKS_PER_SECOND // footage.RATE
                arrived.clear()
                wanted[0] = ticks
                begun = time.perf_counter()
                client.request(ticks, *VIEWER)
                if not arrived.wait(20):
                    raise RuntimeError(f"no picture of frame {frame} came within 20 s")
                ended = time.perf_counter()
                decoded = _decode(container, stream, frame)
                if number:
                    ours.append((ended - begun) * 1000)
                    peer.append(decoded * 1000)
        finally:
            client.close()
    return ours, peer


def _decode(container: av.container.InputContainer, stream: av.VideoStream, frame: int) -> float:
    """Seconds to decode a frame from the keyframe before it."""
    begun = time.perf_counter()
    assert stream.time_base is not None
    target = round(frame / footage.RATE / float(stream.time_base)) + (stream.start_time or 0)
    container.seek(target, stream=stream, backward=True)
    for picture in container.decode(stream):
        if picture.pts is not None and picture.pts >= target:
            return time.perf_counter() - begun
    raise RuntimeError(f"frame {frame} was not found")
