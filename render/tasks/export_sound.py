"""The whole sound of a film, mixed and encoded once.

Owns: the task `export_sound` and its temporary file. Refuses: cutting sound into stretches, which encoders with priming do not join.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from editor_core.timing import sample_at
from render.audio.mix import mix
from render.export.preset import SoundCodec
from render.export.whereabouts import sounds
from render.export.work_folder import sync
from render.graph.sound import SoundPiece, sound_plan
from render.media.codecs import AudioSettings
from render.media.encode import AudioEncoder
from render.tasks import Report

TASK = "export_sound"

_BLOCK_SECONDS = 1
_REPORT_EVERY = 10


def run(args: dict[str, Any], report: Report) -> dict[str, Any]:
    """Writes `samples` samples of the sound of `[start, end)` ticks to `out`; reports `done`, 0 to 1.

    Raises MediaError, also for sound that cannot be read unless `slates` is set: then it is silent and a warning is reported."""
    codec = msgspec.convert(args["codec"], SoundCodec)
    out = Path(args["out"])
    part = out.with_name(f"{out.stem}.part{out.suffix}")
    settings = AudioSettings(codec=codec.codec, bit_rate=codec.bit_rate, bits=codec.bits)
    def silent(piece: SoundPiece, error: Exception) -> None:
        report({"warning": f"{error} It is silent in the film."})

    on_trouble = silent if args.get("slates") else None
    note = {"comment": args["note"]} if args.get("note") else {}
    view, pool = sounds(args)
    try:
        plan = sound_plan(view, args["start"], args["end"])
        total = int(args["samples"])
        begin = sample_at(args["start"], codec.rate)
        with AudioEncoder(part, settings, rate=codec.rate, metadata=note) as encoder:
            block = codec.rate * _BLOCK_SECONDS
            for number, offset in enumerate(range(0, total, block)):
                encoder.write(mix(plan, begin + offset, min(block, total - offset), codec.rate, pool, on_trouble))
                if number % _REPORT_EVERY == 0:
                    report({"done": offset / total})
    finally:
        pool.close()
    sync(part)
    part.replace(out)
    return {"samples": total}
