"""What README says of a new command: that one file, as it stands there, is all that is needed."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from editor_core.commands.registry import Registry, discover
from editor_core.schema import Clip
from tests.support.cutting import Film

README = Path(__file__).parents[3] / "README.md"


def test_the_command_of_the_readme_is_found_described_and_does_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "planted").mkdir()
    (tmp_path / "planted/__init__.py").touch()
    (tmp_path / "planted/renaming.py").write_text(README.read_text(encoding="utf-8").partition("```python\n")[2].partition("```")[0])
    monkeypatch.syspath_prepend(str(tmp_path))
    try:
        (spec,) = discover(importlib.import_module("planted"))
    finally:
        for name in ("planted", "planted.renaming"):
            sys.modules.pop(name, None)
    film = Film()
    film.append(film.shot(), 0, 100)
    (clip, *_) = film.ids("V1")
    film.door.registry = Registry([spec])
    outcome = film.outcome("clip.rename", clip=clip, name="Opening")
    assert spec.describe()["help"] == "Gives a clip another name."
    assert film.view.get(Clip, clip).name == "Opening" and outcome.change is not None
    assert outcome.change.label == "Rename lake.mp4 to Opening"
