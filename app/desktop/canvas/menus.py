"""Context menus of the timeline.

Owns: which commands stand in the menu of clips, gaps, tracks, markers and the ruler. Refuses: doing them (actions and commands).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QMenu, QWidget

from app.desktop.canvas.resync import apart, resync_menu
from app.desktop.widgets.asking import ask_words
from app.desktop.widgets.basics import plain_tip
from editor_core.schema import Clip, Marker, MediaReference, Track

if TYPE_CHECKING:
    from app.desktop.canvas.hit import Hit
    from app.desktop.canvas.pointer import Pointer

MARKER_COLOURS = ("green", "red", "yellow", "blue", "purple", "orange", "pink", "teal")
_CLIP = ("edit.cut", "edit.copy", "edit.duplicate", "edit.paste_attributes", "", "clip.split", "clip.trim_start", "clip.trim_end", "",
         "clip.link", "clip.group", "clip.ungroup", "clip.enabled", "", "clip.lift", "clip.extract", "",
         "comment.on_clip", "media.reveal_clip", "clip.blame", "clip.history")
_LANE = ("edit.paste", "edit.paste_insert", "", "edit.select_all", "", "timeline.fit")


def _add(menu: QMenu, bench: Any, ids: tuple[str, ...]) -> None:
    """Adds actions that exist; an empty id is a line."""
    for action in ids:
        if not action:
            menu.addSeparator()
        elif action in bench.actions:
            menu.addAction(bench.actions.get(action))


def _do(menu: QMenu, words: str, run: Callable[[], Any], enabled: bool = True) -> None:
    made = menu.addAction(words)
    made.setEnabled(enabled)
    made.triggered.connect(lambda _checked=False: run())


def _edit(menu: QMenu, bench: Any, words: str, run: Callable[[], Any], enabled: bool = True) -> None:
    """As `_do`, for what changes the film: greyed, with the reason, for who may not."""
    why = bench.barred()
    _do(menu, words, run, enabled and not why)
    if why:
        menu.setToolTipsVisible(True)
        menu.actions()[-1].setToolTip(plain_tip(why))


def lanes_menu(pointer: Pointer, found: Hit) -> QMenu:
    """The menu of what was hit on the lanes."""
    bench = pointer.bench
    menu = QMenu(pointer.lanes)
    bench.actions.refresh()
    if found.transition is not None:
        _transition_part(menu, bench, found.transition.id)
    elif found.clip is not None:
        _add(menu, bench, _CLIP)
        _clip_part(menu, pointer, found.clip, found.ticks)
    elif found.part == "gap" and found.row is not None:
        track, start = found.row.track.id, found.gap[0]
        _edit(menu, bench, "Close gap", lambda: bench.run("clip.close_gap", {"track": track, "at": start}), not found.row.track.locked)
        menu.addSeparator()
        _add(menu, bench, _LANE)
    else:
        _add(menu, bench, _LANE)
    if found.row is not None and found.clip is None:
        _track_part(menu, bench, found.row.track.id)
    return menu


def _clip_part(menu: QMenu, pointer: Pointer, clip: Clip, ticks: int) -> None:
    bench = pointer.bench
    finder = bench.late.get("finder")
    if clip.asset in bench.media.offline and finder is not None:
        _do(menu, "Find media …", lambda: finder.relink(clip.asset))
    if clip.asset:
        _do(menu, "Open in Source", lambda: pointer.open_clip(clip, ticks))
    _edit(menu, bench, "Rename …", lambda: _rename_clip(pointer.lanes, bench, clip))
    row = bench.snapshot.clips_on(clip.track)
    place = row.index(clip) if clip in row else -1
    before = row[place - 1] if place > 0 and row[place - 1].end == clip.start else None
    after = row[place + 1] if 0 <= place < len(row) - 1 and row[place + 1].start == clip.end else None
    from app.desktop.canvas.timeline_actions import add_dissolve

    if apart(bench.snapshot, clip):
        steps = resync_menu(menu, bench, clip)
        steps.setTitle("Out of step")
        menu.addMenu(steps)

    if before is not None:
        _edit(menu, bench, "Dissolve at start", lambda: add_dissolve(bench, before, clip))
    if after is not None:
        _edit(menu, bench, "Dissolve at end", lambda: add_dissolve(bench, clip, after))


def _rename_clip(parent: QWidget, bench: Any, clip: Clip) -> None:
    asset = bench.snapshot.find(MediaReference, clip.asset) if clip.asset else None
    name = ask_words(parent, "Rename clip", "Name of the clip", clip.name or (asset.name if asset else ""), "Rename")
    if name is not None and name != clip.name:
        bench.run("clip.set", {"clip": clip.id, "property": "name", "value": name})


def _transition_part(menu: QMenu, bench: Any, transition: str) -> None:
    _edit(menu, bench, "Remove transition", lambda: bench.run("transition.remove", {"transition": transition}))
    lengths = menu.addMenu("Length")
    for seconds in (0.25, 0.5, 1.0, 2.0):
        _edit(lengths, bench, f"{seconds:g} s",
            lambda s=seconds: bench.run("transition.set", {"transition": transition, "duration": f"{s}s"}))


def _track_part(menu: QMenu, bench: Any, track: str) -> None:
    menu.addSeparator()
    kinds = menu.addMenu("Add track")
    _add_tracks(kinds, bench)
    record = bench.snapshot.find(Track, track)
    if record is not None:
        label = bench.snapshot.track_label(record)
        _edit(menu, bench, f"Delete track {label}", lambda: bench.run("track.remove", {"track": track}), not record.locked)


def _add_tracks(menu: QMenu, bench: Any) -> None:
    _edit(menu, bench, "Picture track", lambda: bench.run("track.add", {"kind": "video"}))
    _edit(menu, bench, "Sound track", lambda: bench.run("track.add", {"kind": "audio"}))


def header_menu(panel: Any, track: str) -> QMenu:
    """The menu of a track header, or of the space below them."""
    bench, state = panel.bench, panel.state
    menu = QMenu(panel)
    record = bench.snapshot.find(Track, track) if track else None
    if record is not None:
        label = bench.snapshot.track_label(record)
        _edit(menu, bench, "Rename …", lambda: panel.headers.rename(track))
        for name, on, off in (("locked", "Lock", "Unlock"), ("muted", "Mute", "Unmute"), ("solo", "Solo", "End solo"),
                              ("hidden", "Hide", "Show")):
            if (name in ("muted", "solo")) == (record.kind == "audio") or name == "locked":
                value = getattr(record, name)
                _edit(menu, bench, f"{off if value else on} {label}",
                      lambda n=name, v=value: bench.run("track.set", {"track": track, n: not v}))
        menu.addSeparator()
        peers = [t.id for t in bench.snapshot.tracks(record.kind)]
        place = peers.index(track)
        up, down = (place + 1, place - 1) if record.kind == "video" else (place - 1, place + 1)
        _edit(menu, bench, "Move up", lambda: bench.run("track.move", {"track": track, "index": up}), 0 <= up < len(peers))
        _edit(menu, bench, "Move down", lambda: bench.run("track.move", {"track": track, "index": down}), 0 <= down < len(peers))
        heights = menu.addMenu("Height")
        for words, height in (("Small", 30), ("Medium", 54), ("Large", 84), ("Huge", 160)):
            _do(heights, words, lambda h=height: state.set_heights([(track, state.m.px(h))]))
        _do(menu, "Select all clips on it", lambda: bench.selection.set([c.id for c in bench.snapshot.clips_on(track)]),
            bool(bench.snapshot.clips_on(track)))
        menu.addSeparator()
    _edit(menu, bench, "Add picture track", lambda: bench.run("track.add", {"kind": "video"}))
    _edit(menu, bench, "Add sound track", lambda: bench.run("track.add", {"kind": "audio"}))
    if record is not None:
        menu.addSeparator()
        _edit(menu, bench, f"Delete track {bench.snapshot.track_label(record)}", lambda: bench.run("track.remove", {"track": track}),
            not record.locked)
    return menu


def ruler_menu(panel: Any, marker: str, ticks: int) -> QMenu:
    """The menu of a marker or of the ruler."""
    bench = panel.bench
    menu = QMenu(panel)
    record = bench.snapshot.find(Marker, marker) if marker else None
    if record is not None:
        _edit(menu, bench, "Edit marker …", lambda: edit_marker(panel, marker))
        colours = menu.addMenu("Colour")
        for colour in MARKER_COLOURS:
            _edit(colours, bench, colour.capitalize(), lambda c=colour: bench.run("marker.set", {"marker": marker, "color": c}))
        _do(menu, "Go to marker", lambda: bench.transport.seek(record.start))
        _edit(menu, bench, "Remove marker", lambda: bench.run("marker.remove", {"marker": marker}))
        menu.addSeparator()
    transport = bench.transport
    _edit(menu, bench, "Add marker here", lambda: bench.run("marker.add", {"at": ticks}))
    menu.addSeparator()
    _do(menu, "Mark in here", lambda: transport.set_marks(ticks, transport.mark_out))
    _do(menu, "Mark out here", lambda: transport.set_marks(transport.mark_in, ticks))
    _do(menu, "Clear in and out", lambda: transport.set_marks(None, None),
        transport.mark_in is not None or transport.mark_out is not None)
    if transport.mark_in is not None and transport.mark_out is not None:
        start, end = transport.marks()
        _edit(menu, bench, "Add range marker from in to out", lambda: bench.run("marker.add", {"at": start, "duration": end - start}))
    return menu


def edit_marker(parent: QWidget, marker: str) -> None:
    """Asks for a marker's words and sets them."""
    bench = parent.bench  # type: ignore[attr-defined]
    record = bench.snapshot.find(Marker, marker)
    if record is None:
        return
    words = ask_words(parent, "Marker", "Words of the marker", record.text, "Set", lines=True)
    if words is not None and words != record.text:
        bench.run("marker.set", {"marker": marker, "text": words})
