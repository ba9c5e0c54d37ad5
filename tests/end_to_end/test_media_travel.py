"""Somebody who joins gets the media that they lack, over a real relay, by the command line."""

from __future__ import annotations

import shutil
from importlib.resources import files

from tests.support.command_line import CommandLine
from tests.support.relays import RunningRelay


def test_who_joins_gets_previews_then_originals_and_makes_the_same_film(tmp_path):
    with RunningRelay(tmp_path / "relay") as relay:
        ann, bo = CommandLine(tmp_path / "ann"), CommandLine(tmp_path / "bo")
        (tmp_path / "a").mkdir()
        (tmp_path / "b").mkdir()
        a, b = tmp_path / "a" / "film.proedit", tmp_path / "b" / "film.proedit"
        shutil.copy(str(files("resources") / "sample" / "rodents.mp4"), tmp_path / "a" / "rodents.mp4")
        ann("new", a, "--size", "320x180", "--rate", "24")
        asset = ann("import", a, tmp_path / "a" / "rodents.mp4", "--json").json["assets"][0]["asset"]
        ann("run", a, "clip.append", f'{{"asset": "{asset}", "source_duration": "1s"}}')
        link = ann("share", a, "--relay", relay.address, "--json").json["link"]
        bo("join", link, b)
        assert "offline" in bo("problems", b).out.lower() or "rodents" in bo("problems", b).out
        staying = ann.start("sync", a, "--for", "60s")
        first = bo("sync", b, "--media", "previews", "--json").json["media"]
        assert [(one["name"], one["kind"]) for one in first["came"]] == [("rodents.mp4", "preview")]
        second = bo("sync", b, "--media", "originals", "--json").json["media"]
        assert [(one["name"], one["kind"]) for one in second["came"]] == [("rodents.mp4", "original")] and not second["missing"]
        third = bo("sync", b, "--media", "originals", "--json").json["media"]
        assert third["came"] == [] and third["received_bytes"] == 0
        staying.kill()
        staying.wait()
    came = tmp_path / "b" / "film media" / "rodents.mp4"
    assert came.read_bytes() == (tmp_path / "a" / "rodents.mp4").read_bytes()
    assert [one.name for one in came.parent.iterdir()] == ["rodents.mp4"], "nothing is left over"
    ann("frame", a, "--at", "0.5s", "-o", tmp_path / "a.png")
    bo("frame", b, "--at", "0.5s", "-o", tmp_path / "b.png")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
