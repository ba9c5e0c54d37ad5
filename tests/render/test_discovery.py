"""Folders that are walked: what each file must declare, and that the real folders do."""

from __future__ import annotations

import sys
import types
from pathlib import Path
from typing import get_args

import pytest

import render.effects
from editor_core.schema import ClipKind
from editor_core.schema.transition import TransitionKind
from render.discovery import DiscoveryError, by_kind
from render.draw.errors import UnknownKind
from render.draw.evaluate import _kind, generators, transitions


def folder(place: Path, name: str, **files: str) -> types.ModuleType:
    package = place / name
    package.mkdir()
    (package / "__init__.py").write_text("")
    for file, text in files.items():
        (package / f"{file}.py").write_text(text)
    sys.path.insert(0, str(place))
    try:
        return __import__(name)
    finally:
        sys.path.remove(str(place))
        sys.path_importer_cache.pop(str(place), None)


def test_a_new_file_is_found_by_its_kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    package = folder(tmp_path, "found_kinds", zoom="KIND = 'zoom'\ndef mix(): return 1\n")
    assert by_kind(package, needs=("mix",))["zoom"].mix() == 1


def test_a_file_that_lacks_a_name_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    package = folder(tmp_path, "lacking_kinds", zoom="KIND = 'zoom'\n")
    with pytest.raises(DiscoveryError, match=r"lacking_kinds\.zoom declares no mix"):
        by_kind(package, needs=("mix",))


def test_two_files_of_one_kind_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    package = folder(tmp_path, "double_kinds", a="KIND = 'zoom'\n", b="KIND = 'zoom'\n")
    with pytest.raises(DiscoveryError, match="both claim the kind 'zoom'"):
        by_kind(package, needs=())


def test_every_kind_of_the_records_can_be_drawn() -> None:
    assert set(get_args(ClipKind)) - {"video", "audio"} | {"slate"} == set(generators())
    assert set(get_args(TransitionKind)) == set(transitions())


def test_the_effects_folder_can_be_walked() -> None:
    assert by_kind(render.effects, needs=()) == {}


def test_an_unknown_kind_says_what_there_is() -> None:
    with pytest.raises(UnknownKind, match="no transition 'wipe'; it has dissolve"):
        _kind(transitions(), "wipe", "transition")
