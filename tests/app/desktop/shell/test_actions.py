"""Actions, menus and keymaps: each names the others rightly, and everything works or says why not."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QMenu

import app.desktop.canvas
import app.desktop.shell.actions
from app.desktop.bridge.actions import discover
from app.desktop.bridge.keymap import Keymap, KeymapError, KeymapFile, Row, bundled, layered, read_file
from app.desktop.session import _UNASKED
from app.desktop.shell.menus import MENUS, placed
from app.desktop.theme.icons import exists
from editor_core.commands.registry import discover as discover_commands
from editor_core.schema import Clip, Marker, Track, Transition
from tests.app.desktop.desk import Desk, S

pytestmark = pytest.mark.still

DECLARED = [*discover(app.desktop.shell.actions), *discover(app.desktop.canvas)]


def test_every_action_has_words_an_icon_that_exists_and_its_own_id() -> None:
    ids = [spec.id for spec in DECLARED]
    assert len(set(ids)) == len(ids) > 150
    assert [spec.id for spec in DECLARED if not spec.help or not spec.title] == []
    assert [(spec.id, spec.icon) for spec in DECLARED if spec.icon and not exists(spec.icon)] == []


def test_every_icon_a_command_names_exists() -> None:
    assert [(spec.id, spec.icon) for spec in discover_commands() if spec.icon and not exists(spec.icon)] == []


def test_keymaps_and_menus_name_only_what_exists() -> None:
    known = {spec.id for spec in DECLARED} | {spec.id for spec in discover_commands()}
    for file in bundled().values():
        assert [row.action for row in file.keys if row.action not in known] == []
    assert sorted(placed() - known) == []


def test_every_entry_of_a_menu_has_its_place_and_nothing_comes_after_quit() -> None:
    assert [spec.id for spec in DECLARED if spec.menu in MENUS and not spec.ask and spec.id not in placed()] == []
    assert MENUS["File"][-1] == "app.quit"


def test_every_command_can_be_reached_from_the_window(film: Desk) -> None:
    offered = {spec.id for spec in film.bench.actions}
    needed = {spec.command for spec in film.bench.actions if spec.command} | offered
    assert {spec.id for spec in film.bench.door.registry} - needed - _UNASKED == set()


def test_an_action_without_its_command_is_not_offered(film: Desk) -> None:
    specs = [spec for spec in DECLARED if spec.command and not film.bench.knows(spec.command)]
    assert all(spec.id not in film.bench.actions for spec in specs)


def test_a_menu_entry_that_cannot_run_says_why(film: Desk) -> None:
    film.bench.selection.clear()
    film.bench.actions.refresh()
    lift = film.bench.actions.get("clip.lift")
    assert not lift.isEnabled() and lift.toolTip().endswith("Select something on the timeline first")
    film.bench.selection.set([film.bench.snapshot.of_kind(Clip)[0].id])
    film.settle(0.1)
    assert lift.isEnabled() and lift.toolTip() == "Delete, leave gap (Del)"


def test_undo_is_called_after_what_it_takes_back(film: Desk) -> None:
    film.bench.run("marker.add", {"at": 0, "text": "Here"})
    film.bench.actions.refresh()
    assert film.bench.actions.get("edit.undo").text() == "Undo Mark Here"


def test_menus_hold_every_entry_of_the_table_and_recent_files(film: Desk) -> None:
    shown: set[str] = set()

    def walk(menu: QMenu) -> None:
        for entry in menu.actions():
            shown.add(entry.objectName())
            if entry.menu() is not None:
                walk(entry.menu())

    for entry in film.page.top.menus.actions():
        walk(entry.menu())
    assert {i for i in placed() if i in film.bench.actions} <= shown


@pytest.mark.parametrize(("action", "counts"), [
    ("clip.split", 6), ("clip.split_all", 6), ("clip.lift", 2), ("clip.extract", 2), ("title.add", 5), ("solid.add", 5),
])
def test_edits_at_the_playhead_do_what_they_say(film: Desk, action: str, counts: int) -> None:
    film.bench.selection.set([c.id for c in film.bench.snapshot.of_kind(Clip)[:2]])
    film.bench.transport.seek(2 * S)
    assert film.bench.actions.trigger(action)
    assert len(film.bench.snapshot.of_kind(Clip)) == counts


def test_a_title_is_as_large_for_its_frame_in_a_small_one(film: Desk) -> None:
    assert film.bench.actions.trigger("title.add")
    (title,) = (c for c in film.bench.snapshot.of_kind(Clip) if c.kind == "title")
    assert title.font_size == 16


def test_trims_marks_and_steps_use_the_playhead(film: Desk) -> None:
    bench = film.bench
    bench.transport.seek(S)
    bench.actions.trigger("clip.trim_start")
    first = min(bench.snapshot.of_kind(Clip), key=lambda c: (c.start, c.is_sound))
    assert (first.start, first.source_range.start, bench.transport.ticks) == (0, 3 * S, 0)
    bench.actions.trigger("playback.step_forward_5")
    bench.actions.trigger("marks.in")
    bench.actions.trigger("playback.end")
    bench.actions.trigger("marks.out")
    assert bench.transport.marks() == (5 * bench.transport.frame, 7 * S + bench.transport.frame)
    bench.actions.trigger("marks.clear")
    assert bench.transport.mark_in is None and bench.transport.mark_out is None


def test_edits_are_walked_on_target_tracks_or_on_all(film: Desk) -> None:
    bench = film.bench
    bench.run("title.add", {"text": "T", "at": 2 * S, "duration": S})
    bench.actions.trigger("playback.next_edit")
    assert bench.transport.ticks == 4 * S
    bench.actions.trigger("playback.previous_edit_any")
    assert bench.transport.ticks == 3 * S


def test_copy_and_paste_bring_clips_to_the_playhead_as_one_step(film: Desk) -> None:
    bench = film.bench
    bench.selection.set([bench.snapshot.of_kind(Clip)[0].id])
    bench.actions.trigger("edit.copy")
    bench.transport.seek(8 * S)
    bench.actions.trigger("edit.paste")
    assert bench.snapshot.end() == 12 * S and len(bench.snapshot.of_kind(Clip)) == 6
    bench.actions.trigger("edit.undo")
    assert bench.snapshot.end() == 8 * S


def test_attributes_are_pasted_onto_several_clips_and_undone_together(film: Desk) -> None:
    bench = film.bench
    pictures = [c for c in bench.snapshot.of_kind(Clip) if not c.is_sound]
    bench.run("clip.set", {"clip": pictures[0].id, "properties": {"opacity": 0.5, "scale": 2, "gain_db": -6}})
    bench.selection.set([pictures[0].id])
    bench.actions.trigger("edit.copy")
    bench.selection.set([c.id for c in bench.snapshot.linked(pictures[1])])
    bench.actions.trigger("edit.paste_attributes")
    now = bench.snapshot.get(Clip, pictures[1].id)
    assert (now.opacity, now.scale.x) == (0.5, 2.0) and all(c.gain_db == -6 for c in bench.snapshot.linked(now) if c.is_sound)
    bench.actions.trigger("edit.undo")
    assert bench.snapshot.get(Clip, pictures[1].id).opacity == 1.0


def test_a_dissolve_goes_on_the_cut_next_to_the_playhead(film: Desk) -> None:
    film.bench.transport.seek(3 * S)
    film.bench.actions.trigger("transition.default")
    made = film.bench.snapshot.of_kind(Transition)
    assert [t.duration for t in made] == [S] and film.bench.selection.transitions == (made[0].id,)
    film.bench.actions.trigger("clip.lift")
    assert film.bench.snapshot.of_kind(Transition) == []


def test_markers_are_added_found_and_removed_by_key(film: Desk) -> None:
    bench = film.bench
    for at in (S, 3 * S):
        bench.transport.seek(at)
        bench.actions.trigger("marker.add")
    bench.transport.seek(0)
    bench.actions.trigger("marker.next")
    assert bench.transport.ticks == S
    bench.selection.clear()
    bench.actions.trigger("marker.remove_here")
    assert [m.start for m in bench.snapshot.of_kind(Marker)] == [3 * S]


def test_empty_tracks_go_as_one_step_and_one_of_each_kind_stays(film: Desk) -> None:
    bench = film.bench
    for kind in ("video", "video", "audio"):
        bench.run("track.add", {"kind": kind})
    bench.actions.trigger("track.remove_empty")
    assert len(bench.snapshot.tracks()) == 2
    bench.actions.trigger("edit.undo")
    assert len(bench.snapshot.of_kind(Track)) == 5


def test_a_refused_command_is_told_and_changes_nothing(film: Desk) -> None:
    before = film.bench.document.revision
    assert film.bench.run("clip.trim", {"clip": "nobody", "edge": "tail", "to": 0}) is None
    assert film.bench.document.revision == before
    film.settle()
    assert any("nobody" in toast.message for toast in film.page.toasts._live())


def test_the_first_picture_gives_an_empty_timeline_its_rate_and_size_as_one_step(desk: Desk) -> None:
    desk.new(width=1920, height=1080, rate="25")
    asset = desk.asset("big.mov", width=3840, height=2160, rate={"num": 24000, "den": 1001})
    desk.bench.run("clip.append", {"asset": asset})
    timeline = desk.bench.snapshot.timeline
    assert (timeline.width, timeline.height, str(timeline.rate)) == (3840, 2160, "24000/1001")
    desk.bench.run("edit.undo")
    assert desk.bench.snapshot.timeline.width == 1920 and not desk.bench.snapshot.of_kind(Clip)


def test_another_shape_keeps_the_size_that_was_chosen(desk: Desk) -> None:
    desk.new(width=1080, height=1920, rate="30")
    desk.bench.run("clip.append", {"asset": desk.asset("wide.mp4", width=1920, height=1080, rate={"num": 25})})
    assert (desk.bench.snapshot.timeline.width, str(desk.bench.snapshot.timeline.rate)) == (1080, "25")


def keymap(*rows: tuple[str, str, str]) -> Keymap:
    return Keymap(KeymapFile("Test", tuple(Row(context, (key,), action) for context, key, action in rows)))


def test_the_context_in_focus_comes_before_global() -> None:
    keys = keymap(("global", "Del", "one"), ("media", "Del", "two"))
    assert (keys.action("media", "Del"), keys.action("timeline", "Del")) == ("two", "one")


def test_own_keys_take_the_place_of_the_maps_and_clashes_are_named() -> None:
    keys = keymap(("global", "A", "one"), ("global", "B", "two"))
    assert keys.clash("one", "B") == "two" and keys.clash("one", "A") is None
    keys.set_own({"one": ["B"]})
    assert keys.action("global", "B") == "one" and keys.action("global", "A") is None and keys.keys_of("two") == []
    keys.set_own({})
    assert keys.keys_of("one") == ["A"]


def test_a_map_may_hold_only_what_differs_from_another() -> None:
    base = KeymapFile("Base", (Row("global", ("A",), "one"), Row("global", ("B", "C"), "two"), Row("media", ("A",), "three")))
    made = Keymap(layered(base, KeymapFile("Other", (Row("global", ("C",), "one"),), "base")))
    assert (made.name, made.keys_of("one"), made.keys_of("two"), made.keys_of("three")) == ("Other", ["C"], ["B"], ["A"])
    assert made.action("global", "A") is None and made.action("media", "A") == "three"


def test_the_premiere_map_differs_where_premiere_does_and_no_key_stands_twice() -> None:
    maps = bundled()
    own, other = Keymap(maps["proeditor"]), Keymap(maps["premiere"])
    assert own.keys_of("clip.slip_left") == ["Ctrl+Left"] and other.keys_of("clip.slip_left") == ["Ctrl+Alt+Left"]
    assert other.action("timeline", "Ctrl+9") == "target.all_sound" and own.action("timeline", "Ctrl+9") == "target.v9"
    for action in ("clip.split", "clip.insert", "tool.razor", "marks.in", "playback.toggle", "clip.trim_start"):
        assert other.keys_of(action) == own.keys_of(action), "what is alike in both comes from the base"
    for file in maps.values():
        seen = [(row.context, key) for row in file.keys for key in row.keys]
        assert len(seen) == len(set(seen))


def test_an_own_key_says_what_it_took_and_what_it_does_elsewhere() -> None:
    keys = keymap(("global", "A", "one"), ("global", "B", "two"), ("media", "A", "three"))
    assert keys.elsewhere("one") == [("A", "media", "three")] and keys.elsewhere("three") == [("A", "global", "one")]
    assert keys.lost("two") == []
    keys.set_own({"one": ["B"]})
    assert keys.lost("two") == [("B", "one")] and keys.elsewhere("three") == []


@pytest.mark.parametrize(("text", "words"), [
    ('{"name": "x", "keys": [{"context": "global", "keys": ["A"], "action": "a"}, {"context": "global", "keys": ["A"], "action": "b"}]}',
     "A stands for a and b in global"),
    ('{"name": "x", "keys": [{"context": "global", "keys": ["Frog+Q"], "action": "a"}]}', "'Frog\\+Q' is not a key"),
    ('{"name": "x"}', "keys"), ("no json", "x.json"),
])
def test_keymaps_that_cannot_be_used_say_why(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(KeymapError, match=words):
        read_file(path)
