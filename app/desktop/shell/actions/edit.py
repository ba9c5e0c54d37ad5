"""Undo, the clipboard, selecting.

Owns: actions of the Edit menu. Refuses: what a command does.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec
from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication

from app.desktop.bridge import CLIPS_MIME, Workbench, action
from app.desktop.shell.actions import needs
from editor_core.schema import Clip

LOOKS = ("position", "anchor", "scale", "rotation", "crop", "opacity", "blend_mode")
SOUNDS = ("gain_db", "pan")


def _undo_words(bench: Workbench) -> str:
    label = bench.door.next_label("undo", bench.door.actor.id)
    return f"Undo {label}" if label is not None else "Undo"


def _redo_words(bench: Workbench) -> str:
    label = bench.door.next_label("redo", bench.door.actor.id)
    return f"Redo {label}" if label is not None else "Redo"


def _tell_kept(bench: Workbench, result: Any, word: str) -> None:
    """Says what stayed as others left it."""
    kept = result.get("kept", 0) if isinstance(result, dict) else 0
    if kept:
        bench.say(f"{word}, but {kept} value{'s stay as they are' if kept > 1 else ' stays as it is'}: others have changed "
                  f"{'them' if kept > 1 else 'it'} since", "info")


@action("edit.undo", "Undo", menu="Edit", icon="undo-2", reason=needs.undo, label=_undo_words, command="edit.undo")
def undo(bench: Workbench) -> None:
    """Takes back your last gesture; what others have changed since stays, and that is said."""
    _tell_kept(bench, bench.run("edit.undo"), "Undone")


@action("edit.redo", "Redo", menu="Edit", icon="redo-2", reason=needs.redo, label=_redo_words, command="edit.redo")
def redo(bench: Workbench) -> None:
    """Does again what you took back last."""
    _tell_kept(bench, bench.run("edit.redo"), "Done again")


def put_clips(clips: list[Clip]) -> None:
    """Puts clips on the clipboard."""
    data = QMimeData()
    data.setData(CLIPS_MIME, json.dumps([msgspec.to_builtins(clip) for clip in clips]).encode())
    data.setText("\n".join(clip.name or clip.text or clip.id for clip in clips))
    QGuiApplication.clipboard().setMimeData(data)


def clips_on_clipboard() -> list[dict[str, Any]]:
    """Plain clips on the clipboard; empty where it holds something else."""
    data = QGuiApplication.clipboard().mimeData()
    if data is None or not data.hasFormat(CLIPS_MIME):
        return []
    raw = bytes(data.data(CLIPS_MIME).data())
    if len(raw) > 32 * 2**20:
        return []
    try:
        found = json.loads(raw)
    except ValueError:
        return []
    return [clip for clip in found if isinstance(clip, dict)] if isinstance(found, list) else []


def _clipboard(bench: Workbench) -> str:
    return "" if clips_on_clipboard() else "There are no clips on the clipboard"


def _everyone(bench: Workbench) -> list[Clip]:
    found: dict[str, Clip] = {}
    for clip in needs.chosen_clips(bench):
        for one in bench.snapshot.linked(clip) if bench.tools.linked else [clip]:
            found[one.id] = one
    return sorted(found.values(), key=lambda clip: (clip.start, clip.id))


@action("edit.copy", "Copy", menu="Edit", icon="copy", reason=needs.clips)
def copy(bench: Workbench) -> None:
    """Copies the selected clips."""
    put_clips(_everyone(bench))


@action("edit.cut", "Cut", menu="Edit", icon="scissors", reason=needs.clips, command="clip.lift")
def cut(bench: Workbench) -> None:
    """Copies the selected clips and removes them, leaving a gap."""
    chosen = _everyone(bench)
    put_clips(chosen)
    bench.run("clip.lift", {"clips": [c.id for c in chosen]})


def _paste(bench: Workbench, mode: str) -> None:
    args: dict[str, Any] = {"clips": clips_on_clipboard(), "at": bench.transport.ticks}
    result = bench.run("clip.paste", args | ({"mode": mode} if mode else {}))
    if isinstance(result, dict) and result.get("clips"):
        bench.selection.set(result["clips"])


@action("edit.paste", "Paste", menu="Edit", icon="clipboard-check", reason=_clipboard, command="clip.paste")
def paste(bench: Workbench) -> None:
    """Puts the clips of the clipboard at the playhead, over what is there."""
    _paste(bench, "overwrite")


@action("edit.paste_insert", "Paste insert", menu="Edit", reason=_clipboard, command="clip.paste")
def paste_insert(bench: Workbench) -> None:
    """Puts the clips of the clipboard at the playhead and pushes later clips along."""
    _paste(bench, "insert")


@action("edit.paste_attributes", "Paste attributes", menu="Edit", icon="clipboard-check",
        reason=lambda bench: needs.clips(bench) or _clipboard(bench))
def paste_attributes(bench: Workbench) -> None:
    """Gives the selected clips the geometry, opacity and level of the copied clip, as one step."""
    given = clips_on_clipboard()
    defaults = msgspec.to_builtins(Clip(id="c", track="t", kind="video", start=0, source_range=(0, 1)))  # type: ignore[arg-type]
    gesture = f"paste attributes {bench.document.revision}"
    for sound in (False, True):
        model = next((c for c in given if (c.get("kind") == "audio") == sound), None)
        targets = [c.id for c in needs.chosen_clips(bench) if c.is_sound == sound]
        if model is not None and targets:
            full = {**defaults, **model}
            values = {name: full.get(name) for name in (SOUNDS if sound else LOOKS) if name in full or name == "position"}
            bench.run("clip.set", {"clips": targets, "properties": values}, gesture=gesture)


@action("edit.duplicate", "Duplicate", menu="Edit", icon="copy", reason=needs.clips, command="clip.duplicate")
def duplicate(bench: Workbench) -> None:
    """Makes copies of the selected clips right after them."""
    result = bench.run("clip.duplicate", {"clips": list(bench.selection.clips)})
    if isinstance(result, dict) and result.get("clips"):
        bench.selection.set(result["clips"])


@action("edit.select_all", "Select all", menu="Edit", reason=needs.film)
def select_all(bench: Workbench) -> None:
    """Selects every clip on tracks that are not locked."""
    view = bench.snapshot
    bench.selection.set(c.id for t in view.tracks() if not t.locked for c in view.clips_on(t.id))


@action("edit.select_none", "Select none", menu="Edit")
def select_none(bench: Workbench) -> None:
    """Selects nothing."""
    bench.selection.clear()


@action("edit.select_here", "Select clip at playhead", menu="Edit", reason=needs.clip_here)
def select_here(bench: Workbench) -> None:
    """Selects the clip under the playhead on the target tracks, or the topmost one."""
    clip = (needs.clips_at_playhead(bench, targets=True) or needs.clips_at_playhead(bench))[0]
    bench.selection.set([c.id for c in bench.snapshot.linked(clip)] if bench.tools.linked else [clip.id])


def _walk(bench: Workbench, direction: int) -> None:
    view = bench.snapshot
    chosen = needs.chosen_clips(bench)
    track = chosen[0].track if chosen else next(iter(bench.targets.tracks), "")
    row = view.clips_on(track)
    if not row:
        return
    if chosen:
        here = next((n for n, c in enumerate(row) if c.id == chosen[0].id), 0) + direction
    else:
        here = next((n for n, c in enumerate(row) if c.end > bench.transport.ticks), len(row) - 1)
    clip = row[max(0, min(len(row) - 1, here))]
    bench.selection.set([c.id for c in view.linked(clip)] if bench.tools.linked else [clip.id])
    bench.transport.seek(clip.start)


@action("edit.next_clip", "Next clip", menu="Edit", reason=needs.film)
def next_clip(bench: Workbench) -> None:
    """Selects the next clip on the track and goes there."""
    _walk(bench, 1)


@action("edit.previous_clip", "Previous clip", menu="Edit", reason=needs.film)
def previous_clip(bench: Workbench) -> None:
    """Selects the clip before on the track and goes there."""
    _walk(bench, -1)
