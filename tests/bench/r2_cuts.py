"""R2: sixty cuts from three long-GOP files, ten minutes of 1080p30, no effects.

Owns: the film as commands, the same as ffmpeg's trim and concat filters. Refuses: footage.
"""

from __future__ import annotations

import json
from pathlib import Path

from tests.bench import footage
from tests.bench.figure import Bench, Row, best_ratio_of_pairs, median, program
from tests.bench.r1_layers import ENCODE

FIGURE = "R2"
TITLE = "cuts: 60 shots of 10 s from three long-GOP 1080p30 files, no effects; H.264 veryfast CRF 20"
SHOTS, SECONDS, APART = 60, 10, 11


def measure(bench: Bench) -> list[Row]:
    files = footage.long(bench)
    film = make_film(bench, files)
    ours_out, peer_out = bench.folder / "r2-proeditor.mp4", bench.folder / "r2-ffmpeg.mp4"
    programs: dict[str, list[str | Path]] = {"proeditor": [*bench.proeditor("export", film, ours_out, *ENCODE)]}
    if program("ffmpeg"):
        programs["ffmpeg"] = ffmpeg_words(files, peer_out)
    runs = bench.alternating(programs)
    ours, there = runs["proeditor"], runs.get("ffmpeg")
    note = f"median ratio of pairs {best_ratio_of_pairs(ours, there):.2f}, processor time {median(ours, 'cpu'):.0f} against " \
           f"{median(there, 'cpu'):.0f} s" if there else "ffmpeg is not installed"
    return [
        Row(figure=FIGURE, what="export against ffmpeg", ours=median(ours), peer=median(there) if there else None, peer_name="ffmpeg",
            must=1.0, by_ratio=True, note=note),
        Row(figure=FIGURE, what="most memory of all processes", ours=max(run.peak for run in ours), unit="MiB"),
    ]


def shots() -> list[tuple[int, int]]:
    """(file, second at which the shot begins in it), in the film's order."""
    return [(number % 3, number // 3 * APART) for number in range(SHOTS)]


def make_film(bench: Bench, files: list[Path]) -> Path:
    """The project file, made by commands as a person would."""
    film = bench.folder / "r2.proedit"
    for old in bench.folder.glob("r2.proedit*"):
        old.unlink()
    bench.command("new", film, "--rate", "30")
    assets = [asset["asset"] for asset in json.loads(bench.command("import", film, *files, "--json"))["assets"]]
    script = bench.folder / "r2.jsonl"
    lines = [{"command": "clip.append", "args": {"asset": assets[file], "source_start": f"{begin}s", "source_duration": f"{SECONDS}s"}}
             for file, begin in shots()]
    script.write_text("".join(json.dumps(line) + "\n" for line in lines))
    bench.command("run", film, "--script", script)
    return film


def ffmpeg_words(files: list[Path], out: Path) -> list[str | Path]:
    """Three inputs, each split for its twenty shots, trimmed and put together."""
    uses = SHOTS // len(files)
    parts = []
    for number in range(len(files)):
        parts.append(f"[{number}:v]split={uses}" + "".join(f"[v{number}_{use}]" for use in range(uses)))
        parts.append(f"[{number}:a]asplit={uses}" + "".join(f"[a{number}_{use}]" for use in range(uses)))
    order = []
    for number, (file, begin) in enumerate(shots()):
        use = number // len(files)
        parts.append(f"[v{file}_{use}]trim={begin}:{begin + SECONDS},setpts=PTS-STARTPTS[p{number}]")
        parts.append(f"[a{file}_{use}]atrim={begin}:{begin + SECONDS},asetpts=PTS-STARTPTS[s{number}]")
        order.append(f"[p{number}][s{number}]")
    parts.append(f"{''.join(order)}concat=n={SHOTS}:v=1:a=1[v][s]")
    inputs = [word for file in files for word in ("-i", file)]
    return [str(program("ffmpeg")), "-v", "error", "-y", *inputs, "-filter_complex", ";".join(parts), "-map", "[v]", "-map", "[s]",
            "-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-c:a", "aac", "-b:a", "192k", "-movflags", "+faststart", out]
