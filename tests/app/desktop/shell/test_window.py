"""The main window: opening, closing, layout, what is left behind."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, QPointF, QRect, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest

from app import bootstrap
from editor_core.schema import Clip
from tests.app.desktop.desk import Desk, S


class Watch(QObject):
    """Notes the kinds of events that a widget gets."""

    def __init__(self, noted: list[QEvent.Type]) -> None:
        super().__init__()
        self._noted = noted

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self._noted.append(event.type())
        return False


def test_without_a_project_the_welcome_page_is_shown(desk: Desk) -> None:
    desk.window.begin(None)
    desk.settle()
    assert desk.window.welcome_page is not None and desk.window.welcome_page.isVisible()
    assert desk.window.page is None


def test_a_project_opens_and_everything_is_there_after_reopening(film: Desk) -> None:
    path = film.bench.project_path
    assert path is not None
    title = film.bench.run("title.add", {"text": "Hello", "at": 0, "duration": "2s"})["clip"]
    film.window.show_welcome()
    film.settle()
    film.open(path)
    assert film.bench.snapshot.get(Clip, title).text == "Hello"
    film.bench.actions.trigger("edit.undo")
    assert film.bench.snapshot.find(Clip, title) is None
    assert film.settings.get("recent", [])[0] == str(path)


def test_a_film_named_from_the_folder_it_lies_in_is_remembered_by_its_whole_path(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    path = desk.new("Film")
    desk.window.show_welcome()
    monkeypatch.chdir(path.parent)
    desk.open(Path("Film.proedit"))
    assert desk.window.session is not None and desk.window.session.project.path == path
    assert desk.settings.get("recent") == [str(path)]


def test_the_action_that_takes_its_page_down_ends_quietly(film: Desk) -> None:
    actions = film.bench.actions
    actions.bind("playback.end", lambda: (film.window.show_welcome(), shiboken6.delete(actions)))
    assert actions.trigger("playback.end")


def test_playhead_and_marks_are_kept_while_one_works_not_only_at_the_end(film: Desk) -> None:
    session = film.window.session
    assert session is not None
    session.kept.soon.setInterval(10)
    film.bench.transport.seek(2 * S)
    film.bench.transport.set_marks(S, 3 * S)
    film.wait(lambda: film.settings.get("places", {}).get(str(session.project.path)) == [2 * S, S, 3 * S])


def test_a_project_that_is_open_elsewhere_is_shown_for_reading(film: Desk) -> None:
    path = film.folder / "Held.proedit"
    held = bootstrap.create_project(film.parts, path, name="Held")
    try:
        assert film.window.open_project(path)
        film.settle()
        assert film.page.status.saving.text() == "Read only"
        assert film.bench.run("track.add", {"kind": "video"}) is None
    finally:
        film.window.show_welcome()
        held.close()


def test_a_project_in_a_folder_that_cannot_be_written_in_is_shown_for_reading(film: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    path = film.folder / "Disc.proedit"
    bootstrap.create_project(film.parts, path, name="Disc").close()
    whole = os.open

    def refused(name: Any, *rest: Any, **more: Any) -> int:
        if str(name).endswith("Disc.proedit.lock"):
            raise OSError(errno.EROFS, "Read-only file system", str(name))
        return whole(name, *rest, **more)

    monkeypatch.setattr(os, "open", refused)
    assert film.window.open_project(path)
    film.wait(lambda: any("reading only" in toast.message and "Copy it" in toast.message for toast in film.page.toasts._live()))
    assert film.page.status.saving.text() == "Read only" and film.window.session.project.path == path
    assert film.bench.attempt("track.add", {"kind": "video"})[1].startswith("Disc.proedit is open read-only"), "no id of a command"
    film.window.show_welcome()


def test_a_file_that_is_no_project_is_refused_and_the_open_one_stays(film: Desk) -> None:
    wrong = film.folder / "notes.proedit"
    wrong.write_text("not a project")
    before = film.bench
    assert not film.window.open_project(wrong)
    film.settle()
    assert film.bench is before
    assert any("notes" in toast.message for toast in film.page.toasts._live())


def test_docks_keep_their_widths_whatever_is_selected(film: Desk) -> None:
    film.settle(0.2)
    panels = film.page.space.panels
    before = {name: panel.width() for name, panel in panels.items() if name in ("media", "source", "program", "timeline", "meters")}
    clips = [clip.id for clip in film.bench.snapshot.of_kind(Clip)]
    for clip in [*clips, *clips]:
        film.bench.selection.set([clip])
        film.page.space.show_panel("history")
        film.settle(0.02)
        film.page.space.show_panel("inspector")
        film.settle(0.02)
    assert {name: panels[name].width() for name in before} == before
    assert before["media"] == 384 and before["meters"] == 60 and panels["inspector"].width() == 344


def test_the_layout_is_remembered_and_reset_brings_the_standard_back(film: Desk) -> None:
    path = film.bench.project_path
    space = film.page.space
    space.docks["history"].hide()
    space.resizeDocks([space.docks["media"]], [500], Qt.Orientation.Horizontal)
    film.settle(0.2)
    film.window.show_welcome()
    film.settle()
    film.open(path)
    film.settle(0.1)
    again = film.page.space
    assert again is not space and again.docks["history"].isHidden() and again.docks["media"].width() == 500
    film.bench.actions.trigger("workspace.reset")
    film.settle(0.1)
    assert not again.docks["history"].isHidden() and again.docks["media"].width() == 384


def test_a_layout_that_does_not_fit_gives_the_standard_one(desk: Desk) -> None:
    desk.settings.set("layout/edit", {"panels": ["media"], "state": "AAAA"})
    desk.new()
    desk.settle(0.1)
    assert desk.page.space.docks["media"].width() == 384


def test_a_panel_fills_the_window_and_comes_back(film: Desk) -> None:
    space = film.page.space
    film.settle(0.1)
    before = space.docks["timeline"].size()
    space._maximise("timeline")
    film.settle(0.1)
    assert space.docks["timeline"].height() > 900 and not space.panels["program"].isVisible()
    space.maximise()
    film.settle(0.1)
    assert space.docks["timeline"].size() == before and space.panels["program"].isVisible()


def test_a_panel_that_has_no_place_in_a_workspace_becomes_a_tab_of_the_right_column_when_it_is_asked_for(film: Desk) -> None:
    space, bench = film.page.space, film.bench
    wide = {name: dock.width() for name, dock in space.docks.items() if name in ("media", "inspector")}
    bench.shell.show_panel("people")  # as a click on one's own avatar does
    film.settle()
    people = space.docks["people"]
    assert people in space.tabifiedDockWidgets(space.docks["inspector"]) and not people.visibleRegion().isEmpty()
    assert abs(people.width() - wide["inspector"]) < 4 and space.docks["media"].width() == wide["media"]
    bench.shell.toggle_panel("people")
    assert people.isHidden()
    bench.shell.toggle_panel("people")
    film.settle()
    assert people in space.tabifiedDockWidgets(space.docks["inspector"])
    space.reset()


def test_a_panel_floats_and_keeps_its_header_buttons(film: Desk) -> None:
    media = film.page.space.docks["media"]
    media.setFloating(True)
    film.settle(0.1)
    assert media.header is not None and all(button.isVisible() for button in media.buttons)
    media.setFloating(False)
    film.settle(0.1)
    film.page.space.reset()
    film.settle(0.1)
    media.raise_()
    film.settle(0.1)
    assert all(button.isVisible() for button in media.buttons)


def test_the_panel_in_the_middle_floats_like_any_other_and_is_remembered_there(film: Desk) -> None:
    film.page.show_workspace("deliver")
    film.settle(0.1)
    space = film.page.space
    export, beside = space.panels["export"], space.panels["presets"].width()
    export.setFloating(True, QRect(60, 70, 700, 600))
    film.settle(0.1)
    window = export.window()
    assert window is not film.window and (window.windowTitle(), window.width()) == ("Export", 700)
    assert abs(space.panels["presets"].width() - beside) < 4, "the docks keep their places"
    space.maximise()
    assert export.isVisible(), "a panel of its own is not hidden by another's growing"
    space.maximise()
    film.page.show_workspace("edit")
    film.window._rebuild()
    film.settle(0.1)
    film.page.show_workspace("deliver")
    film.settle(0.2)
    space = film.page.space
    export = space.panels["export"]
    assert export.isFloating() and export.window().geometry() == QRect(60, 70, 700, 600)
    export.window().close()
    film.settle(0.1)
    assert not export.isFloating() and export.window() is film.window and export.isVisible()


def test_panels_are_walked_by_key_and_the_focus_is_known(film: Desk) -> None:
    film.page.space.show_panel("media")
    film.settle()
    assert film.bench.late["focus"] == "media"
    film.bench.actions.trigger("panel.next")
    film.settle()
    assert film.bench.late["focus"] not in ("media", "")


def test_a_press_on_bare_ground_of_a_panel_takes_the_keys_there(film: Desk) -> None:
    film.page.space.show_panel("media")
    film.bench.transport.seek(2 * S)
    film.settle()
    QTest.mouseClick(film.panel("program").row, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(2, 2))
    film.settle(0.1)
    assert film.page.space.focused_panel == "program"
    film.key("Home")
    assert film.bench.transport.ticks == 0


def test_the_outline_of_a_panel_that_lost_the_focus_is_painted_over_everywhere(film: Desk) -> None:
    film.page.space.show_panel("program")
    film.settle(0.1)
    scrub = film.panel("program").scrub
    painted: list[QEvent.Type] = []
    watch = Watch(painted)
    scrub.installEventFilter(watch)
    film.page.space.show_panel("timeline")
    film.settle(0.2)
    scrub.removeEventFilter(watch)
    assert QEvent.Type.Paint in painted


def test_theme_and_size_change_without_a_restart_and_keep_selection(film: Desk) -> None:
    clip = film.bench.snapshot.of_kind(Clip)[0].id
    film.bench.selection.set([clip])
    old, dressed = film.page, []
    film.theme.changed.connect(lambda: dressed.append(shiboken6.isValid(old)))
    film.bench.actions.trigger("theme.light")
    film.wait(lambda: film.theme.name == "light")
    assert dressed == [False], "what goes is not dressed anew before"
    assert film.bench.selection.clips == (clip,)
    film.settings.set("look/scale", 1.25)
    film.wait(lambda: film.page is not None and film.page.top.height() == 50)
    assert film.panel("inspector")._name.whole == "lake.mp4"


def test_a_change_of_theme_or_scale_leaves_the_timeline_where_it_stands(film: Desk) -> None:
    film.wait(lambda: film.bench.late["timeline"].lanes.width() > 400)
    for name, value in (("look/theme", "light"), ("look/scale", 1.25), ("look/scale", 1.0)):
        before = film.bench.late["timeline"]
        state = before.state
        state.zoom_to(90.0, 0)
        state.scroll_to(130)
        state.set_heights([(state.rows.rows[0].track.id, state.m.px(320)), (state.rows.rows[-1].track.id, state.m.px(300))])
        state.scroll_to(y=60)
        left, down = state.scale.ticks(0), state.scroll_y / state.m.scale
        film.panel("program").picture.set_zoom(2.0)
        assert down > 20
        film.settings.set(name, value)
        film.wait(lambda old=before: film.bench.late["timeline"] is not old)
        film.settle(0.3)
        state = film.bench.late["timeline"].state
        assert state.scale.pixels_per_second == 90.0 and state.scale.ticks(0) == left
        assert abs(state.scroll_y / state.m.scale - down) < 1.5
        assert state.rows.rows[0].height == state.m.px(320) and film.panel("program").picture.zoom == 2.0


def test_files_dropped_on_the_window_are_imported(film: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Path] = []
    monkeypatch.setattr(film.bench.imports, "add", lambda paths: asked.extend(paths))
    wanted = film.folder / "clip.mp4"
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(wanted)), QUrl("https://example.org/far.mp4")])
    move = Qt.DropAction.MoveAction
    drop = QDropEvent(QPointF(900, 20), move | Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier)
    assert drop.proposedAction() == move
    film.window.dropEvent(drop)
    assert asked == [wanted]
    assert drop.isAccepted() and drop.dropAction() != move, "a file manager that hears 'moved' removes the footage"


def test_saving_is_told_from_the_journal(film: Desk) -> None:
    status = film.page.status.saving
    film.wait(lambda: film.bench.saving.state == "saved")
    film.bench.run("marker.add", {"at": 0})
    assert film.bench.saving.state == "saving"
    film.wait(lambda: film.bench.saving.state == "saved")
    film.bench.saving.started(film.bench.document.revision + 1)
    film.wait(lambda: status.text() == "Saving …")
    film.bench.saving.saved(film.bench.document.revision + 1)
    film.wait(lambda: status.text().startswith("On disk "))
    film.bench.saving.trouble("No space left on the disk")
    film.settle()
    assert status.text() == "Not saved: No space left on the disk" and status.property("role") == "danger"


def test_other_programs_reach_the_open_project_through_its_socket(film: Desk) -> None:
    import threading

    from app.services.open_project import RemoteTarget
    from app.services.owner import OwnerClient

    assert film.window.session is not None and film.window.session._socket is not None
    address = film.window.session._socket.address
    answers: list[object] = []

    def ask() -> None:
        target = RemoteTarget(OwnerClient(address))
        answers.append(target.execute("marker.add", {"at": "1s", "text": "From outside"}))
        target.close()

    thread = threading.Thread(target=ask)
    thread.start()
    film.wait(lambda: answers)
    thread.join(5)
    assert [m.text for m in film.bench.snapshot.of_kind(type(film.bench.snapshot.record(answers[0]["marker"])))] == ["From outside"]


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="the fault it guards against is of Python 3.11")
def test_using_the_window_loses_no_references_to_none(film: Desk) -> None:
    def use() -> None:
        for ticks in range(40):
            film.bench.transport.seek(ticks * film.bench.transport.frame)
            film.settle(0.004)

    use()
    before = sys.getrefcount(None)
    use()
    assert before - sys.getrefcount(None) < 500


def test_the_window_comes_and_goes_without_a_trace(desk: Desk) -> None:
    path = desk.new()
    desk.bench.run("title.add", {"text": "A", "at": 0, "duration": S})
    for _ in range(3):
        desk.window.show_welcome()
        desk.settle()
        desk.open(path)
    assert desk.window.page is not None


def test_panels_keep_their_shares_when_the_window_shrinks_and_grows(film: Desk) -> None:
    film.settle(0.2)
    panels = film.page.space.panels

    def shares() -> dict[str, tuple[float, float]]:
        space = film.page.space
        return {n: (panels[n].width() / space.width(), panels[n].height() / space.height()) for n in ("media", "program", "timeline")}

    def like(first: dict[str, tuple[float, float]], near: float) -> bool:
        return all(shares()[name] == (pytest.approx(wide, abs=near), pytest.approx(tall, abs=near)) for name, (wide, tall) in first.items())

    before = None
    while before != (now := shares()):  # a busy machine lays the panels out later
        before = now
        film.settle(0.3)
    film.window.resize(1366, 768)
    film.wait(lambda: film.page.space.width() <= 1366 and like(before, 0.06))
    film.settle(0.2)
    assert like(before, 0.06), (before, shares())
    assert 50 < panels["meters"].width() < 75 and panels["inspector"].width() >= 290
    film.window.resize(1920, 1080)
    film.wait(lambda: film.page.space.width() > 1366 and like(before, 0.03))
    film.settle(0.2)
    assert like(before, 0.03), (before, shares())
