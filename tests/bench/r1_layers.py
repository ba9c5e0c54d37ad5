"""R1: three layers, a dissolve, a title and three sound tracks, twenty seconds of 1080p30.

Owns: the film as commands, the same as a filter graph of ffmpeg and as a project of melt. Refuses: footage.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.bench import footage
from tests.bench.figure import ROOT, Bench, Row, best_ratio_of_pairs, median, program

FIGURE = "R1"
TITLE = "layers: dissolve, picture in picture, title, three sounds; 20 s 1080p30, H.264 veryfast CRF 20"
WORDS = "ProEditor reference"
ENCODE = ("--preset", "h264", "--set", "crf=20", "--set", "speed=veryfast")


def measure(bench: Bench) -> list[Row]:
    files = footage.short(bench)
    film = make_film(bench, files)
    out = {name: bench.folder / f"r1-{name}.mp4" for name in ("proeditor", "ffmpeg", "melt")}
    programs: dict[str, list[str | Path]] = {"proeditor": [*bench.proeditor("export", film, out["proeditor"], *ENCODE)]}
    if program("ffmpeg"):
        programs["ffmpeg"] = ffmpeg_words(files, out["ffmpeg"])
    if program("melt"):
        programs["melt"] = melt_words(bench, files, out["melt"])
    with display(bench):
        runs = bench.alternating(programs)
    ours = runs["proeditor"]
    rows = []
    for peer, must in (("ffmpeg", 1.0), ("melt", 0.6)):
        there = runs.get(peer)
        pairs = f"median ratio of pairs {best_ratio_of_pairs(ours, there):.2f}, processor time " \
                f"{median(ours, 'cpu'):.1f} against {median(there, 'cpu'):.1f} s" if there else f"{peer} is not installed"
        rows.append(Row(figure=FIGURE, what=f"export against {peer}", ours=median(ours), peer=median(there) if there else None,
                        peer_name=peer, must=must, by_ratio=True, note=pairs))
    rows.append(Row(figure=FIGURE, what="most memory of all processes", ours=max(run.peak for run in ours), unit="MiB", must=1536))
    return rows


@contextlib.contextmanager
def display(bench: Bench) -> Iterator[None]:
    """A screen for melt's text, which comes from Qt: the one that there is, else a virtual one, started outside what is timed."""
    server = program("Xvfb")
    if os.environ.get("DISPLAY") or not program("melt") or server is None:
        yield
        return
    read, write = os.pipe()
    process = subprocess.Popen([server, "-displayfd", str(write), "-screen", "0", "640x480x24"], pass_fds=[write],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(write)
    try:
        with os.fdopen(read) as told:
            bench.extra["DISPLAY"] = f":{told.readline().strip()}"
        yield
    finally:
        bench.extra.pop("DISPLAY", None)
        process.terminate()
        process.wait(10)


def make_film(bench: Bench, files: list[Path]) -> Path:
    """The project file, made by commands as a person would."""
    film = bench.folder / "r1.proedit"
    for old in bench.folder.glob("r1.proedit*"):
        old.unlink()
    bench.command("new", film, "--rate", "30")
    assets = [asset["asset"] for asset in json.loads(bench.command("import", film, *files, "--json"))["assets"]]
    lines = [
        {"command": "track.add", "args": {"kind": "video"}},
        {"command": "track.add", "args": {"kind": "audio"}},
        {"command": "track.add", "args": {"kind": "audio"}},
        {"command": "clip.overwrite", "args": {"asset": assets[0], "at": 0, "track": "V1", "source_duration": "10.5s"}},
        {"command": "clip.unlink", "args": {"clips": ["$4.clip"]}},
        {"command": "clip.trim", "args": {"clip": "$4.linked", "edge": "tail", "to": "11s"}},
        {"command": "clip.overwrite", "args": {"asset": assets[2], "at": "10.5s", "track": "V1", "source_start": "0.5s",
                                               "source_duration": "9.5s"}},
        {"command": "clip.unlink", "args": {"clips": ["$7.clip"]}},
        {"command": "clip.trim", "args": {"clip": "$7.linked", "edge": "head", "to": "10s"}},
        {"command": "clip.overwrite", "args": {"asset": assets[1], "at": 0, "track": "V2", "source_duration": "20s"}},
        {"command": "clip.set", "args": {"clip": "$10.clip", "property": "scale", "value": [0.5, 0.5]}},
        {"command": "clip.set", "args": {"clip": "$10.clip", "property": "opacity", "value": 0.8}},
        {"command": "clip.set", "args": {"clip": "$10.clip", "property": "position", "value": [1360, 350]}},
        {"command": "transition.add", "args": {"from": "$4.clip", "to": "$7.clip", "kind": "dissolve", "duration": "1s"}},
        {"command": "title.add", "args": {"text": WORDS, "at": 0, "duration": "20s", "style": {"size": 96}}},
        {"command": "clip.set", "args": {"clip": "$15.clip", "property": "position", "value": [960, 900]}},
    ]
    script = bench.folder / "r1.jsonl"
    script.write_text("".join(json.dumps(line) + "\n" for line in lines))
    bench.command("run", film, "--script", script)
    return film


def ffmpeg_words(files: list[Path], out: Path) -> list[str | Path]:
    """The same film as ffmpeg's filter graph: the cheapest filters that we know of for each step."""
    font = min((ROOT / "resources" / "fonts").rglob("Inter*.[ot]tf"), key=lambda path: ("Italic" in path.name, path.name))
    graph = ";".join((
        "[0:v]trim=0:11,setpts=PTS-STARTPTS[a]",
        "[2:v]trim=0:10,setpts=PTS-STARTPTS[c]",
        "[a][c]xfade=transition=fade:duration=1:offset=10[ac]",
        "[1:v]trim=0:20,setpts=PTS-STARTPTS,scale=960:540,format=yuva420p,lutyuv=a=204[b]",
        "[ac][b]overlay=880:80[o]",
        f"[o]drawtext=text='{WORDS}':fontfile={font}:fontsize=96:fontcolor=white:x=(w-tw)/2:y=900-th/2,format=yuv420p[v]",
        "[0:a]atrim=0:11[x]", "[1:a]atrim=0:20[y]", "[2:a]atrim=0:10,adelay=10000:all=1[z]", "[x][y][z]amix=inputs=3:normalize=0[s]",
    ))
    inputs = [word for file in files for word in ("-i", file)]
    return [str(program("ffmpeg")), "-v", "error", "-y", *inputs, "-filter_complex", graph, "-map", "[v]", "-map", "[s]", "-c:v", "libx264",
            "-preset", "veryfast", "-crf", "20", "-c:a", "aac", "-b:a", "192k", "-movflags", "+faststart", out]


def melt_words(bench: Bench, files: list[Path], out: Path) -> list[str | Path]:
    """The same film as an MLT project; `composite` is the cheapest of MLT's ways to lay one picture over another."""
    a, b, c = files
    project = bench.folder / "r1.mlt"
    project.write_text(f"""<mlt><profile width="1920" height="1080" frame_rate_num="30" frame_rate_den="1" progressive="1"
 sample_aspect_num="1" sample_aspect_den="1" display_aspect_num="16" display_aspect_den="9" colorspace="709"/>
<producer id="a" in="0" out="329"><property name="resource">{a}</property><property name="mlt_service">avformat</property></producer>
<producer id="b" in="0" out="599"><property name="resource">{b}</property><property name="mlt_service">avformat</property></producer>
<producer id="c" in="0" out="299"><property name="resource">{c}</property><property name="mlt_service">avformat</property></producer>
<tractor id="cross" in="0" out="29"><track producer="a" in="300" out="329"/><track producer="c" in="0" out="29"/>
<transition mlt_service="luma" in="0" out="29"><property name="a_track">0</property><property name="b_track">1</property></transition>
<transition mlt_service="mix" in="0" out="29"><property name="a_track">0</property><property name="b_track">1</property>
<property name="start">-1</property></transition></tractor>
<playlist id="base"><entry producer="a" in="0" out="299"/><entry producer="cross"/><entry producer="c" in="30" out="299"/></playlist>
<playlist id="inset"><entry producer="b" in="0" out="599"/></playlist>
<producer id="words" in="0" out="599"><property name="resource">0x00000000</property><property name="mlt_service">color</property>
<filter mlt_service="qtext"><property name="argument">{WORDS}</property><property name="family">Inter</property>
<property name="size">96</property><property name="fgcolour">0xffffffff</property><property name="bgcolour">0x00000000</property>
<property name="geometry">0/846:1920x108:100</property>
<property name="halign">center</property></filter></producer>
<playlist id="title"><entry producer="words" in="0" out="599"/></playlist>
<tractor id="film" in="0" out="599"><track producer="base"/><track producer="inset"/><track producer="title"/>
<transition mlt_service="composite" in="0" out="599"><property name="a_track">0</property><property name="b_track">1</property>
<property name="geometry">880/80:960x540:80</property></transition>
<transition mlt_service="mix" in="0" out="599"><property name="a_track">0</property><property name="b_track">1</property>
<property name="sum">1</property><property name="always_active">1</property></transition>
<transition mlt_service="composite" in="0" out="599"><property name="a_track">0</property><property name="b_track">2</property></transition>
</tractor></mlt>""")
    return [str(program("melt")), "-silent", project, "-consumer", f"avformat:{out}", "vcodec=libx264", "preset=veryfast", "crf=20",
            "acodec=aac", "ab=192k", "real_time=-2", "threads=0"]
