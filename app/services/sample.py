"""The sample film: a short cut of real footage, made through the same commands as any other.

Owns: which commands make it. Refuses: shortcuts past the command door.
"""

from __future__ import annotations

import shutil
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from app.services.importing import ImportRefused, Probes, import_files
from app.services.open_project import Target

NAME = "Meadow.proedit"
WIDTH, HEIGHT, RATE, AUDIO_RATE = 1280, 720, "24", 48000
FOOTAGE = ("meadow.mp4", "bunny.mp4", "apple.mp4", "rodents.mp4", "music.m4a")


def lay_out_footage(folder: Path) -> list[Path]:
    """Copies the bundled footage below `folder/media`, once, and returns the files in FOOTAGE order."""
    media = folder / "media"
    media.mkdir(parents=True, exist_ok=True)
    with as_file(files("resources") / "sample") as source:
        for name in (*FOOTAGE, "CREDITS.md"):
            if not (media / name).exists():
                shutil.copyfile(source / name, media / name)
    return [media / name for name in FOOTAGE]


def make_sample(target: Target, footage: list[Path], probes: Probes) -> None:
    """Imports the footage and cuts the film. Raises ImportRefused if a file cannot be read, CommandError as commands do."""
    taken = import_files(footage, probes, target.add_media)
    for item in taken:
        if item.error:
            raise ImportRefused(item.error)
    assets = {Path(item.path).stem: item.asset for item in taken}
    run = target.execute
    shots = [
        run("clip.append", {"asset": assets["meadow"], "source_start": 0, "source_duration": "5s"}),
        run("clip.append", {"asset": assets["bunny"], "source_start": "1.5s", "source_duration": "8s"}),
        run("clip.append", {"asset": assets["apple"], "source_start": "1s", "source_duration": "5s"}),
        run("clip.append", {"asset": assets["rodents"], "source_start": "4.25s", "source_duration": "4s"}),
    ]
    _join(run, shots)
    _sound(run, assets["music"], shots)
    _titles(run)
    inset = run("clip.overwrite", {"asset": assets["rodents"], "at": "9s", "track": run("track.add", {"kind": "video"})["track"],
                                   "source_start": "5s", "source_duration": "3s"})
    run("clip.unlink", {"clips": [inset["clip"]]})
    run("clip.lift", {"clips": [inset["linked"]]})
    run("track.remove", {"track": "A3"})
    for name, value in (("scale", 0.34), ("position", [1030, 170]), ("opacity", 0.92), ("fade_in", "12f"), ("fade_out", "12f")):
        run("clip.set", {"clip": inset["clip"], "property": name, "value": value})
    run("marker.add", {"at": "5s", "text": "He wakes up"})
    run("marker.add", {"at": "13s", "text": "Lunch", "color": "yellow"})


def _join(run: Any, shots: list[dict[str, Any]]) -> None:
    for first, second, length in ((shots[0], shots[1], "24f"), (shots[2], shots[3], "12f")):
        run("transition.add", {"from": first["clip"], "to": second["clip"], "kind": "dissolve", "duration": length})
    run("clip.set", {"clip": shots[0]["clip"], "property": "fade_in", "value": "18f"})
    run("clip.set", {"clip": shots[-1]["clip"], "property": "fade_out", "value": "24f"})


def _sound(run: Any, music: str, shots: list[dict[str, Any]]) -> None:
    track = run("track.add", {"kind": "audio", "name": "Music"})["track"]
    laid = run("clip.overwrite", {"asset": music, "at": 0, "track": track, "source_start": 0, "source_duration": "22s"})
    for name, value in (("gain_db", 3), ("fade_in", "1s"), ("fade_out", "2s")):
        run("clip.set", {"clip": laid["clip"], "property": name, "value": value})
    for shot in shots:
        for name, value in (("gain_db", 6), ("fade_in", "3f"), ("fade_out", "3f")):
            run("clip.set", {"clip": shot["linked"], "property": name, "value": value})


def _titles(run: Any) -> None:
    opening = run("title.add", {"text": "A morning in the meadow", "at": "1s", "duration": "3.5s",
                                "style": {"size": 72, "weight": 600, "color": "#FFFFFF", "shadow_color": "#000000A0",
                                          "shadow_blur": 12, "shadow_offset": [0, 4]}})
    closing = run("title.add", {"text": "Big Buck Bunny\n© 2008 Blender Foundation, CC BY 3.0", "at": "18.5s", "duration": "3s",
                                "style": {"size": 34, "weight": 500, "color": "#F6EFE2", "align": "center",
                                          "shadow_color": "#000000C0", "shadow_blur": 8, "shadow_offset": [0, 2]}})
    run("clip.set", {"clip": closing["clip"], "property": "position", "value": [640, 620]})
    for title in (opening, closing):
        run("clip.set", {"clip": title["clip"], "property": "fade_in", "value": "12f"})
        run("clip.set", {"clip": title["clip"], "property": "fade_out", "value": "12f"})
