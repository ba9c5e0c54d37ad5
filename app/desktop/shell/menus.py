"""The menus.

Owns: which actions stand in which menu, in what order. Refuses: what they do.

Actions that name a menu and are not placed here come at its end, so that a new file brings its own entry.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QMenu, QMenuBar

from app.desktop.bridge import Workbench
from app.desktop.widgets.basics import plain_tip

_ = ""  # a separator

MENUS: dict[str, list[str | tuple[str, list[str]]]] = {
    "File": ["project.new", "project.open", "recent", _, "media.import", "media.import_folder", "media.relink", "collection.add",
             "project.rename", _, "export.open",
             "export.add", "export.remove", _, "version.save",
             ("Branches", ["branch.new", "branch.switch", "branch.compare", "compare.next", "compare.previous", _, "branch.merge",
                           "branch.drop"]),
             "merge.copy", "merge.show", _, "project.reveal", _,
             "app.quit"],
    "Edit": ["edit.undo", "edit.redo", _, "edit.cut", "edit.copy", "edit.paste", "edit.paste_insert", "edit.paste_attributes",
             "edit.duplicate", _, "clip.lift", "clip.extract", "media.remove", _, "edit.select_all", "edit.select_none", "edit.select_here",
             "edit.next_clip", "edit.previous_clip", _, "edit.rename", "edit.find", "media.find", _, "app.shortcuts",
             "app.preferences"],
    "Clip": ["clip.insert", "clip.overwrite", "clip.append", "clip.replace", "title.add", "caption.add", "title.edit", "solid.add", _,
             "clip.split", "clip.split_all",
             ("Trim to playhead", ["clip.trim_start", "clip.trim_end", "clip.trim_start_gap", "clip.trim_end_gap",
                                   "clip.roll_previous", "clip.roll_next", "clip.extend"]),
             ("Move", ["clip.nudge_left", "clip.nudge_right", "clip.nudge_left_5", "clip.nudge_right_5", "clip.track_up",
                       "clip.track_down", "clip.slip_left", "clip.slip_right", "clip.slip_left_5", "clip.slip_right_5", "clip.slide_left",
                       "clip.slide_right", "clip.slide_left_5", "clip.slide_right_5", _, "clip.swap"]),
             ("Sound level", ["clip.gain", "clip.gain_up", "clip.gain_down", "clip.gain_up_6", "clip.gain_down_6"]), _,
             "transition.default", "transition.default_sound", "transition.selection", _, "clip.enabled", "clip.link",
             "clip.group", "clip.ungroup", _, "source.open", "source.match_frame", "source.reverse_match", "media.reveal_clip",
             "viewer.grab", _, "clip.blame", "clip.history", "comment.on_clip"],
    "Timeline": ["track.add_video", "track.add_audio", "track.remove_empty", _, "range.lift", "range.extract", "gap.close", _,
                 ("Tools", ["tool.select", "tool.track_forward", "tool.track_backward", "tool.ripple", "tool.roll", "tool.slip",
                            "tool.slide", "tool.razor", "tool.text", "tool.hand", "tool.zoom"]),
                 ("Target tracks", ["target.all_picture", "target.all_sound", _, *(f"target.v{n}" for n in range(1, 5)), _,
                                    *(f"target.a{n}" for n in range(1, 5))]),
                 "snapping.toggle", "selection.linked", _,
                 ("Playback", ["playback.toggle", "playback.around", "playback.in_to_out", "playback.loop", _, "playback.back",
                               "playback.stop", "playback.forward", _, "playback.step_back", "playback.step_forward",
                               "playback.step_back_5", "playback.step_forward_5", _, "playback.previous_edit",
                               "playback.next_edit", "playback.previous_edit_any", "playback.next_edit_any", "playback.start",
                               "playback.end", "playback.clip_start", "playback.clip_end", _, "playback.timecode", "playback.prerender"]),
                 _, "timeline.set", "timeline.rename"],
    "Markers": ["marker.add", "marker.next", "marker.previous", "marker.remove_here", _, "attention.next", _, "marks.in",
                "marks.out", "marks.clip",
                "marks.selection", _, "marks.go_in", "marks.go_out", _, "marks.clear_in", "marks.clear_out", "marks.clear", _,
                "comment.add", "comment.next", "comment.previous", "comment.reply", "comment.resolve",
                ("Draw on the picture", ["draw.stroke", "draw.arrow", "draw.rectangle", "draw.text"]), "comment.export", "comment.markers"],
    "View": ["timeline.zoom_in", "timeline.zoom_out", "timeline.fit",
             ("Track heights", ["timeline.video_taller", "timeline.video_lower", "timeline.audio_taller", "timeline.audio_lower",
                                "timeline.tracks_tall", "timeline.tracks_low"]), _,
             ("Preview quality", ["viewer.quality_full", "viewer.quality_half", "viewer.quality_quarter", "viewer.quality_auto", _,
                                  "viewer.quality_next"]),
             ("Picture", ["viewer.fit", "viewer.actual", "viewer.zoom_in", "viewer.zoom_out"]),
             ("Guides", ["viewer.safe_areas", "viewer.guide_thirds", "viewer.guide_centre", "viewer.guide_9_16", "viewer.guide_1_1",
                         "viewer.guide_4_5"]),
             "viewer.full_screen", _,
             ("Panels", ["panel.media", "panel.titles", "panel.source", "panel.program", "panel.timeline", "panel.meters",
                         "panel.inspector", "panel.history", "panel.versions", "panel.attention",
                         "panel.comments", "panel.people", "panel.problems", "jobs.show"]),
             "panel.next", "panel.previous", "panel.maximise", _, "workspace.edit", "workspace.review", "workspace.deliver",
             "workspace.reset", _,
             ("Theme", ["theme.dark", "theme.light", "theme.high_contrast", "theme.system"])],
    "Collaborate": ["together.share", "together.join", "together.copy_link", "together.members", _, "together.hold", "together.take",
                    "together.review", _, "together.follow_next", "together.hide_cursor", _, "media.fetch_originals",
                    "media.metered", _, "together.offline", "together.resync",
                    "together.leave"],
    "Help": ["app.palette", "app.shortcuts", _, "project.sample", "project.welcome", _, "app.about"],
}
_SUBMENUS = {"Playback", "Tools", "Targets", "Panels", "Quality", "Theme", "Window"}
"""Menus named by actions that are parts of others above."""


def placed() -> set[str]:
    """Ids that the table above places."""
    found: set[str] = set()
    for entries in MENUS.values():
        for entry in entries:
            found.update([entry] if isinstance(entry, str) else entry[1])
    return found - {_, "recent"}


def fill_menus(bar: QMenuBar, bench: Workbench) -> None:
    """Makes every menu. States are looked up again each time a menu opens."""
    known = placed()
    for title, entries in MENUS.items():
        menu = bar.addMenu(title)
        _fill(menu, entries, bench)
        rest = [spec.id for spec in bench.actions if spec.menu == title and spec.id not in known and not spec.ask]
        if rest:
            menu.addSeparator()
            _fill(menu, list(rest), bench)


def _fill(menu: QMenu, entries: list[str | tuple[str, list[str]]], bench: Workbench) -> None:
    menu.setToolTipsVisible(True)
    menu.setFont(bench.theme.font("body"))
    mine = [entry for entry in entries if isinstance(entry, str) and entry in bench.actions]
    menu.aboutToShow.connect(lambda: bench.actions.refresh(mine))
    pending = False
    for entry in entries:
        if entry == _:
            pending = not menu.isEmpty()
            continue
        if isinstance(entry, tuple):
            if not any(i in bench.actions for i in entry[1]):
                continue
            if pending:
                menu.addSeparator()
            _fill(menu.addMenu(entry[0]), list(entry[1]), bench)
        elif entry == "recent":
            _recent(menu.addMenu("Open recent"), bench)
        elif entry in bench.actions:
            if pending:
                menu.addSeparator()
            menu.addAction(bench.actions.get(entry, watched=False))
        else:
            continue
        pending = False


def recent_files(bench: Workbench) -> list[Path]:
    """Projects opened before that are still there, latest first."""
    return [p for p in map(Path, bench.settings.get("recent", [])) if p.is_file()]


def _recent(menu: QMenu, bench: Workbench) -> None:
    def fill() -> None:
        menu.clear()
        here = bench.project_path
        found = [p for p in recent_files(bench) if p != here][:12]
        for path in found:
            entry = menu.addAction(path.stem)
            entry.setToolTip(plain_tip(str(path)))
            entry.triggered.connect(lambda _checked=False, p=path: bench.shell.open_project(p))
        if not found:
            menu.addAction("No other projects yet").setEnabled(False)

    menu.setToolTipsVisible(True)
    menu.aboutToShow.connect(fill)
    fill()
