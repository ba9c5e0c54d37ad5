"""From real key events to actions."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from app.desktop.bridge.undisturbed import undisturbed
from app.desktop.shell.keys import kept, key_of
from editor_core.schema import Clip
from tests.app.desktop.desk import Desk, S

pytestmark = pytest.mark.still

NONE, SHIFT, CTRL, ALT = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier,
                          Qt.KeyboardModifier.AltModifier)


def press(key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE, text: str = "") -> QKeyEvent:
    return QKeyEvent(QEvent.Type.KeyPress, key, modifiers, text)


@pytest.mark.parametrize(("key", "modifiers", "name"), [
    (Qt.Key.Key_K, CTRL, "Ctrl+K"), (Qt.Key.Key_Less, SHIFT, "Shift+,"), (Qt.Key.Key_BraceLeft, SHIFT, "Shift+["),
    (Qt.Key.Key_Exclam, SHIFT, "Shift+1"), (Qt.Key.Key_Plus, SHIFT, "Shift+="), (Qt.Key.Key_Backtab, SHIFT, "Shift+Tab"),
    (Qt.Key.Key_Enter, Qt.KeyboardModifier.KeypadModifier, "Return"), (Qt.Key.Key_Shift, SHIFT, ""), (Qt.Key.Key_F1, NONE, "F1"),
    (Qt.Key.Key_Space, CTRL | SHIFT, "Ctrl+Shift+Space"),
])
def test_keys_are_named_as_keymaps_write_them(key: Qt.Key, modifiers: Qt.KeyboardModifier, name: str) -> None:
    assert key_of(press(key, modifiers)) == name


@pytest.mark.parametrize(("key", "modifiers", "name", "keeps"), [
    (Qt.Key.Key_C, NONE, "C", True), (Qt.Key.Key_C, CTRL, "Ctrl+C", True), (Qt.Key.Key_P, CTRL, "Ctrl+P", False),
    (Qt.Key.Key_F1, NONE, "F1", False), (Qt.Key.Key_M, CTRL | ALT, "Ctrl+Alt+M", True), (Qt.Key.Key_Delete, NONE, "Del", True),
    (Qt.Key.Key_S, CTRL, "Ctrl+S", False), (Qt.Key.Key_L, ALT, "Alt+L", False),
])
def test_a_text_field_keeps_what_types_and_edits(desk: Desk, key: Qt.Key, modifiers: Qt.KeyboardModifier, name: str, keeps: bool) -> None:
    field = QLineEdit()
    assert kept(field, press(key, modifiers), name) is keeps
    field.deleteLater()


def test_single_letters_are_tools_in_the_timeline_and_letters_in_text(film: Desk) -> None:
    film.page.space.show_panel("timeline")
    film.settle()
    film.key("C")
    assert film.bench.tools.tool == "razor"
    film.key("V")
    film.page.space.show_panel("media")
    search = film.panel("media").search
    search.setFocus()
    film.settle()
    film.type("c")
    assert film.bench.tools.tool == "select" and search.text() == "c"
    film.page.space.show_panel("timeline")
    with undisturbed(film.bench), undisturbed(film.bench):
        film.key("C")
    assert film.bench.tools.tool == "select", "nothing comes by while widgets are made"
    film.key("C")
    assert film.bench.tools.tool == "razor"
    with undisturbed(film.bench):
        film.page.keys.listen(False)
    film.key("V")
    assert film.bench.tools.tool == "razor", "what was told to end meanwhile has ended"
    film.page.keys.listen(True)


def test_the_same_key_does_another_thing_in_another_panel(film: Desk) -> None:
    film.bench.selection.set([film.bench.snapshot.of_kind(Clip)[0].id])
    film.page.space.show_panel("media")
    film.settle()
    film.key("Delete", film.panel("media").grid)
    assert len(film.bench.snapshot.of_kind(Clip)) == 4
    film.page.space.show_panel("timeline")
    film.settle()
    film.key("Delete")
    assert len(film.bench.snapshot.of_kind(Clip)) == 2


def test_the_first_key_in_a_window_goes_to_the_timeline(film: Desk) -> None:
    film.window.activateWindow()  # as a window manager does
    assert QTest.qWaitForWindowActive(film.window)
    assert film.panel("timeline").isAncestorOf(film.app.focusWidget())


def test_space_plays_and_stops_and_arrows_step(film: Desk) -> None:
    film.page.space.show_panel("timeline")
    film.settle()
    film.key("Right")
    film.key("Right")
    assert film.bench.transport.ticks == 2 * film.bench.transport.frame
    film.key("Space")
    assert film.bench.transport.playing
    film.key("Space")
    assert not film.bench.transport.playing


def test_k_held_makes_j_and_l_slow_and_holding_l_alone_does_not_get_faster(film: Desk) -> None:
    film.page.space.show_panel("timeline")
    film.settle()
    transport, lanes = film.bench.transport, film.app.focusWidget()

    def key(kind: QEvent.Type, which: Qt.Key, again: bool = False) -> None:
        film.app.sendEvent(lanes, QKeyEvent(kind, which, NONE, "", again))

    down, up = QEvent.Type.KeyPress, QEvent.Type.KeyRelease
    key(down, Qt.Key.Key_L)
    key(down, Qt.Key.Key_L, again=True)
    key(up, Qt.Key.Key_L)
    assert transport.speed == 1
    key(down, Qt.Key.Key_L)
    assert transport.speed == 2
    key(up, Qt.Key.Key_L)
    key(down, Qt.Key.Key_K)
    assert not transport.playing
    key(down, Qt.Key.Key_L)
    assert transport.speed == 0.25
    key(up, Qt.Key.Key_L)
    assert not transport.playing
    key(down, Qt.Key.Key_J)
    assert transport.speed == -0.25
    key(up, Qt.Key.Key_K)
    assert not transport.playing
    key(up, Qt.Key.Key_J)
    key(down, Qt.Key.Key_K)
    film.app.sendEvent(film.window, QEvent(QEvent.Type.WindowDeactivate))  # the key goes up somewhere else
    key(down, Qt.Key.Key_L)
    assert transport.speed == 1
    key(up, Qt.Key.Key_L)
    transport.stop()


def test_the_number_block_types_a_time_to_go_to(film: Desk) -> None:
    film.page.space.show_panel("timeline")
    film.settle()
    block = Qt.KeyboardModifier.KeypadModifier

    def type_in(text: str) -> None:
        for character in text:
            target = film.app.focusWidget()
            code = {"+": Qt.Key.Key_Plus, "-": Qt.Key.Key_Minus}.get(character) or Qt.Key(ord(character))
            for kind in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                film.app.sendEvent(target, QKeyEvent(kind, code, block, character))
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            film.app.sendEvent(film.app.focusWidget(), QKeyEvent(kind, Qt.Key.Key_Enter, block, "\r"))
        film.settle(0.02)

    type_in("105")
    assert film.bench.transport.ticks == S + 5 * film.bench.transport.frame
    type_in("+10")
    assert film.bench.transport.ticks == S + 15 * film.bench.transport.frame
    type_in("-5")
    assert film.bench.transport.ticks == S + 10 * film.bench.transport.frame
    film.key("Right")  # the keys are the timeline's again
    assert film.bench.transport.ticks == S + 11 * film.bench.transport.frame


def test_lists_keep_their_arrow_keys(film: Desk) -> None:
    film.bench.transport.seek(S)
    film.page.space.show_panel("media")
    film.settle()
    film.key("Down", film.panel("media").grid)
    assert film.bench.transport.ticks == S


def test_the_palette_opens_by_key_and_escape_closes_it_and_gives_the_focus_back(film: Desk) -> None:
    film.page.space.show_panel("timeline")
    film.settle()
    before = film.app.focusWidget()
    film.key("Ctrl+P")
    assert film.page._palette.isVisible()
    film.key("Escape")
    assert not film.page._palette.isVisible() and film.app.focusWidget() is before


def test_a_key_of_ones_own_works_at_once_and_is_kept(film: Desk) -> None:
    from app.desktop.shell.shortcuts import Shortcuts

    film.window.dialog("shortcuts")
    film.settle()
    dialog = film.window.findChild(Shortcuts)
    assert dialog is not None
    dialog._listen("tool.hand")
    dialog._pressed(press(Qt.Key.Key_R))
    assert film.settings.get("keys/own", {}) == {"tool.hand": ["R"]}
    dialog._listen("tool.zoom")
    dialog._pressed(press(Qt.Key.Key_C))
    assert dialog._replace.isVisible() and "Razor" in dialog._note.text()
    dialog._take_over()
    assert film.bench.actions.keymap.action("timeline", "C") == "tool.zoom" and film.bench.actions.keys("tool.razor") == []
    dialog._reset_all()
    assert film.bench.actions.keys("tool.razor") == ["C"]
    dialog.close()


def test_the_map_is_chosen_in_the_shortcut_editor_and_conflicts_are_shown(film: Desk) -> None:
    from app.desktop.shell.shortcuts import Shortcuts

    film.window.dialog("shortcuts")
    film.settle()
    dialog = film.window.findChild(Shortcuts)
    keymap, model = film.bench.actions.keymap, dialog.model
    assert [dialog.map.itemText(n) for n in range(dialog.map.count())] == ["ProEditor", "Premiere"]
    assert dialog.conflicts.isHidden()
    dialog.map.setCurrentIndex(1)
    dialog.map.activated.emit(1)
    film.settle()
    assert film.settings.get("keys/map") == "premiere" and keymap.keys_of("clip.slip_left") == ["Ctrl+Alt+Left"]
    film.settings.set("keys/map", "proeditor")
    assert keymap.keys_of("clip.slip_left") == ["Ctrl+Left"], "as the preferences do it"
    dialog.choose_map("premiere")
    film.page.space.show_panel("timeline")
    dialog._listen("tool.hand")
    dialog.keyPressEvent(press(Qt.Key.Key_K, CTRL))
    dialog._take_over()
    assert dialog.conflicts.isVisibleTo(dialog) and dialog.conflicts.text() == "1 conflict"
    dialog.conflicts.click()
    assert model.rows == ["clip.split"] and model.data(model.index(0, 1)).startswith("Ctrl+K is now Hand")
    assert model.data(model.index(0, 1), Qt.ItemDataRole.ForegroundRole) == film.theme.color("warn")
    dialog._reset_all()
    assert dialog.conflicts.isHidden() and keymap.keys_of("clip.split") == ["Ctrl+K"]
    assert model.also("merge.play").endswith("in Global"), "a panel's own key says what it does everywhere else"
    dialog.close()
