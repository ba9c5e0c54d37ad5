"""Grabbing a frame: a real project, a real worker, a real PNG."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app import bootstrap
from app.desktop.canvas.grab import suggested_name, write_frame
from tests.app.desktop.canvas.benches import S, film, make_bench


def test_the_frame_at_the_playhead_is_written_in_the_size_of_the_film(qapp: QApplication, tmp_path: Path,
                                                                            monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATA", "CONFIG", "CACHE", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    bench = make_bench(tmp_path, film())
    said: list[str] = []
    bench.signals.said.connect(lambda words, kind: said.append(words))
    parts = bootstrap.parts()
    project = bootstrap.create_project(parts, tmp_path / "film.proedit", width=640, height=360)
    project.door.execute("solid.add", {"color": "#C02030", "at": 0, "duration": "2s"})
    out = tmp_path / "frame.png"
    with bootstrap.task_pool(1) as pool:
        object.__setattr__(bench, "services", SimpleNamespace(project=project, tasks=pool))
        write_frame(bench, S, out)
        for _ in range(300):
            QTest.qWait(50)
            if said:
                break
    project.close()
    assert said == [f"Frame written to {out}"]
    picture = QImage(str(out))
    assert (picture.width(), picture.height()) == (640, 360)
    colour = picture.pixelColor(300, 200)
    assert abs(colour.red() - 0xC0) <= 3
    assert abs(colour.blue() - 0x30) <= 3


def test_the_suggested_name_carries_the_timecode(qapp: QApplication, tmp_path: Path) -> None:
    bench = make_bench(tmp_path, film())
    bench.transport.ticks = 84 * S
    assert suggested_name(bench) == "Frame 00-01-24-00.png"
