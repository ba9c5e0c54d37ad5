"""`proeditor comments`, with the command line's own words and options, on real project files in this process."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app import bootstrap, cli
from app.services.open_project import answer
from app.services.owner import OwnerSocket

Call = Callable[..., str]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Runs `proeditor WORDS`; its output, or with `ok=False` its refusal of one or two plain lines."""
    monkeypatch.setenv("PROEDITOR_HOME", str(tmp_path / "home"))

    def run(*words: Any, ok: bool = True) -> str:
        status = cli._run([str(word) for word in words])
        out, err = capsys.readouterr()
        assert (status == 0) == ok, (words, out, err)
        assert ok or (1 <= len(err.strip().splitlines()) <= 2 and "Traceback" not in err)
        return out.strip() if ok else err

    return run


@pytest.fixture
def film(call: Call, tmp_path: Path) -> Path:
    path = tmp_path / "film.proedit"
    call("new", path, "--size", "320x180")
    return path


def said(call: Call, film: Path, *filters: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(call("comments", film, *filters, "--json"))
    return found


def test_comments_are_written_answered_resolved_filtered_and_exported(call: Call, film: Path, tmp_path: Path) -> None:
    clip = json.loads(call("run", film, "title.add", json.dumps({"at": "1s", "duration": "4s", "text": "Hello"})))["clip"]
    drawing = json.dumps([{"kind": "rectangle", "points": [[0.1, 0.1], [0.4, 0.5]]}])
    first = call("comments", film, "add", "Too long? @Ben", "--at", "2s", "--duration", "1s", "--drawing", drawing)
    second = json.loads(call("comments", film, "add", "=about the clip", "--clip", clip, "--assign", "Ben", "--json"))["comment"]
    reply = call("comments", film, "reply", first[:6], "No")
    found = said(call, film)
    assert [(c["id"], c["timecode"], c["pinned"]) for c in found["comments"]] == [
        (second, "00:00:01:00", True), (first, "00:00:02:00", False)]
    assert found["comments"][1]["replies"][0]["id"] == reply and found["comments"][1]["clip"] == clip
    assert found["comments"][1]["drawing"][0]["points"] == [[0.1, 0.1], [0.4, 0.5]]
    assert found["counts"] == {"open": 2, "mine": 2, "tasks": 1, "resolved": 0}
    call("run", film, "clip.move", json.dumps({"clips": [clip], "by": "10s"}))
    call("comments", film, "resolve", second)
    assert [c["timecode"] for c in said(call, film, "--open")["comments"]] == ["00:00:12:00"], "it follows its clip"
    assert said(call, film, "--tasks", "--open")["comments"] == []
    out = tmp_path / "comments.csv"
    assert json.loads(call("comments", film, "export", out, "--json"))["exported"] == 3
    with out.open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [row["text"] for row in rows] == ["'=about the clip", "Too long? @Ben", "No"], "no cell is a formula"
    call("comments", film, "export", "--markers", "--open")
    markers = json.loads(call("show", film, "--json"))["markers"]
    assert len(markers) == 1 and markers[0]["text"].endswith("Too long? @Ben")
    nasty = call("comments", film, "add", "two\nlines\x1b]0;title\x07", "--at", "1s")
    line = next(one for one in call("comments", film).splitlines() if one.startswith(nasty))
    assert "two / lines" in line and "\x1b" not in line
    call("comments", film, "delete", nasty)
    call("comments", film, "delete", reply)
    call("run", film, "clip.lift", json.dumps({"clips": [clip]}))
    assert "clip removed" in call("comments", film)
    assert all(one["replies"] == [] for one in said(call, film)["comments"])


@pytest.mark.parametrize("words", [
    ("add", "x"), ("add", "x", "--at", "soon"), ("reply", "kabcd", "x"), ("shout",), ("resolve",), ("export",), ("delete", "knothing"),
    ("add", "x", "--at", "1s", "--drawing", "{"), ("add", "", "--at", "1s"), ("resolve", "kx", "--assign", "Ben"),
    ("add", "x", "--at", "1s", "--clip", "nope"), ("export", "/nowhere/at/all.csv")])
def test_wrong_words_are_answered_in_plain_lines(call: Call, film: Path, words: tuple[str, ...]) -> None:
    call("comments", film, *words, ok=False)
    assert said(call, film)["comments"] == []


def test_a_copys_comments_come_with_a_merge(call: Call, film: Path, tmp_path: Path) -> None:
    first = call("comments", film, "add", "here", "--at", "1s")
    copy = tmp_path / "copy.proedit"
    shutil.copyfile(film, copy)
    call("comments", copy, "reply", first, "from the train")
    call("comments", film, "add", "at home", "--at", "2s")
    assert json.loads(call("merge", film, copy, "--preview", "--json"))["comments"] == 1
    assert json.loads(call("merge", film, copy, "--json"))["comments"] == 1
    call("merge", copy, film)
    assert said(call, film) == said(call, copy)
    assert call("merge", film, copy) == "Nothing differs"


def test_who_holds_the_project_says_it_for_others(call: Call, film: Path) -> None:
    with bootstrap.holding(bootstrap.parts(), film) as project:
        socket = OwnerSocket(lambda request: answer(project, request))
        project.file.announce(socket.address)
        try:
            made = call("comments", film, "add", "from outside", "--at", "1s")
            assert [t.name for t in project.talk.comments.threads()] == [made]
            assert [c["id"] for c in said(call, film)["comments"]] == [made], "durable when the words come back"
            call("comments", film, "resolve", made)
            assert not project.talk.comments.threads()[0].open
        finally:
            project.file.announce("")
            socket.close()
