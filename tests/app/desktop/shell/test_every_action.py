"""Each action that the window offers, in a project with nothing in it. Owns: that nothing raises."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtWidgets import QDialog, QFileDialog, QInputDialog, QMenu, QMessageBox

from tests.app.desktop.desk import Desk

_ENDS = {"app.quit", "project.welcome", "project.new", "project.open", "project.sample", "branch.switch"}
"""Tested where they belong: they leave the project."""


@pytest.fixture
def raised(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What slots raised, by the action that was tried; dialogs that would wait for a person are answered by going away."""
    noted: list[str] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, error, trace: noted.append(f"{kind.__name__}: {error}"))
    for name in ("getOpenFileName", "getOpenFileNames", "getSaveFileName", "getExistingDirectory"):
        monkeypatch.setattr(QFileDialog, name, lambda *a, n=name, **k: ([], "") if n.endswith("Names") else "" if "Dir" in n else ("", ""))
    for name in ("getText", "getItem", "getInt"):
        monkeypatch.setattr(QInputDialog, name, lambda *a, **k: ("", False))
    monkeypatch.setattr(QMenu, "exec", lambda *a, **k: None)
    for one in (QDialog, QMessageBox):
        monkeypatch.setattr(one, "exec", lambda *a, **k: 0)
    return noted


def _try_all(film: Desk, raised: list[str]) -> list[str]:
    wrong: list[str] = []
    for identity in sorted(spec.id for spec in film.bench.actions):
        if identity in _ENDS:
            continue
        try:
            film.bench.actions.trigger(identity)
        except Exception as error:
            wrong.append(f"{identity}: {error!r}")
        film.settle(0.01)
        for widget in film.app.topLevelWidgets():
            if widget is not film.window and widget.isVisible():
                widget.close()
        wrong += [f"{identity}: {words}" for words in raised]
        raised.clear()
    return wrong


def test_every_action_can_be_tried_in_an_empty_project(desk: Desk, raised: list[str]) -> None:
    desk.new()
    assert "\n".join(_try_all(desk, raised)) == ""
