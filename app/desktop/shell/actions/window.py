"""Files, panels, workspaces, looks and help.

Owns: actions of the File, View, Window and Help menus. Refuses: dialogs; the shell has them.
"""

from __future__ import annotations

from PySide6.QtCore import QUrl
from PySide6.QtGui import QContextMenuEvent, QDesktopServices
from PySide6.QtWidgets import QApplication

from app.desktop.bridge import QUALITIES, ActionSpec, Workbench, action
from app.desktop.shell.actions import needs


@action("project.new", "New project …", menu="File", icon="clapperboard")
def new_project(bench: Workbench) -> None:
    """Makes a new project file and opens it."""
    bench.shell.new_project()


@action("project.open", "Open …", menu="File", icon="folder-open")
def open_project(bench: Workbench) -> None:
    """Opens a project; this one is on disk already."""
    bench.shell.open_project()


@action("project.sample", "Open the sample film", menu="Help", icon="circle-play")
def sample(bench: Workbench) -> None:
    """Makes the sample film on this computer and opens it."""
    bench.shell.open_sample()


@action("project.welcome", "Welcome page", menu="Help", icon="clapperboard")
def welcome(bench: Workbench) -> None:
    """Shows the first page with new, open, recent and the sample film."""
    bench.shell.welcome()


@action("project.reveal", "Show project file in its folder", menu="File", icon="external-link",
        reason=lambda bench: "" if bench.project_path is not None else "This project has no file")
def reveal(bench: Workbench) -> None:
    """Opens the folder that holds the project file."""
    if bench.project_path is not None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(bench.project_path.parent)))


@action("media.import", "Import …", menu="File", icon="import")
def import_media(bench: Workbench) -> None:
    """Brings files into the project; they stay where they lie."""
    bench.shell.import_media()


@action("media.import_folder", "Import folder …", menu="File", icon="folder-open")
def import_folder(bench: Workbench) -> None:
    """Brings all media of a folder and of those in it into the project; they stay where they lie."""
    bench.shell.import_media(folder=True)


@action("media.remove", "Remove from project", menu="Edit", icon="trash", reason=needs.assets, command="asset.remove")
def remove_media(bench: Workbench) -> None:
    """Takes the selected media out of the project; the files stay. Media in use stays too, and says so."""
    gesture = f"remove media {bench.document.revision}"
    for asset in bench.selection.assets:
        bench.run("asset.remove", {"asset": asset}, gesture=gesture)


ACTIONS_MEDIA = [
    ActionSpec("media.find", "Search media", menu="Edit", icon="search", help="Puts the cursor into the search field of Media."),
    ActionSpec("edit.find", "Find in panel", menu="Edit", icon="search", help="Searches what the panel in focus shows."),
    ActionSpec("edit.rename", "Rename", menu="Edit", icon="pencil", help="Renames what is selected."),
    ActionSpec("collection.add", "New collection", menu="File", icon="folder-plus", command="collection.add",
               help="Makes a collection in Media, with what is selected there in it."),
    ActionSpec("media.reveal_clip", "Reveal clip in Media", menu="Clip", icon="film", reason=needs.clips,
               help="Selects the media of the selected clip."),
]


@action("export.open", "Export", menu="File", icon="upload")
def export(bench: Workbench) -> None:
    """Opens Deliver: presets, queue, verification."""
    bench.shell.visit_workspace("deliver")


@action("export.add", "Add export to queue", menu="File", icon="list-plus", reason=lambda bench: bench.deliver.problem())
def add_export(bench: Workbench) -> None:
    """Adds the export as it is set up in Deliver to the queue."""
    if bench.deliver.add_to_queue() is not None:
        bench.shell.show_workspace("deliver")


@action("export.remove", "Remove export from queue", menu="File", icon="x",
        reason=lambda bench: "" if bench.deliver.shown is not None else "Select an export first")
def remove_export(bench: Workbench) -> None:
    """Cancels the selected export, or takes it off the list when it has ended."""
    job = bench.deliver.shown
    if job is None:
        return
    if job.state in ("waiting", "running"):
        bench.jobs.cancel(job)
    else:
        bench.jobs.remove(job)
        bench.deliver.show(None)


@action("media.relink", "Find offline media …", menu="File", icon="folder-search",
        reason=lambda bench: "" if bench.media.offline | bench.media.replaced else "No media is offline or was replaced")
def relink(bench: Workbench) -> None:
    """Looks in a folder for media that is not where it was."""
    bench.late["finder"].relink(next(iter(bench.selection.assets), ""))


@action("app.quit", "Quit", menu="File", icon="log-out")
def quit_app(bench: Workbench) -> None:
    """Closes the window; everything is on disk."""
    bench.shell.quit()


@action("app.preferences", "Preferences …", menu="Edit", icon="settings")
def preferences(bench: Workbench) -> None:
    """Theme, size, preview, default lengths, cache, keys."""
    bench.shell.dialog("preferences")


@action("app.shortcuts", "Keyboard shortcuts …", menu="Edit", icon="keyboard")
def shortcuts(bench: Workbench) -> None:
    """Lists every key, and changes them."""
    bench.shell.dialog("shortcuts")


@action("app.palette", "Command palette", menu="Help", icon="command")
def palette(bench: Workbench) -> None:
    """Finds any command, clip, marker or media by name."""
    bench.shell.palette()


@action("app.about", "About ProEditor", menu="Help", icon="info")
def about(bench: Workbench) -> None:
    """Version, licences, credits."""
    bench.shell.dialog("about")


@action("panel.next", "Next panel", menu="Window")
def next_panel(bench: Workbench) -> None:
    """Moves the focus to the next panel."""
    bench.shell.next_panel(1)


@action("panel.previous", "Previous panel", menu="Window")
def previous_panel(bench: Workbench) -> None:
    """Moves the focus to the panel before."""
    bench.shell.next_panel(-1)


@action("panel.maximise", "Maximise panel", menu="Window", icon="maximize")
def maximise(bench: Workbench) -> None:
    """Gives the panel under the pointer the whole window; again: back."""
    bench.shell.maximise_panel()


@action("panel.menu", "Menu of what has the focus", menu="Window", icon="ellipsis-vertical", repeats=False)
def panel_menu(bench: Workbench) -> None:
    """Opens the menu that the right button opens, for what the keys go to."""
    focus = QApplication.focusWidget()
    if focus is not None:
        where = focus.rect().center()
        event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, where, focus.mapToGlobal(where))
        QApplication.sendEvent(focus, event)


@action("viewer.full_screen", "Full screen picture", menu="View", icon="maximize")
def full_screen(bench: Workbench) -> None:
    """Shows nothing but the picture on the whole screen; Esc ends it."""
    bench.shell.full_screen_picture()


@action("workspace.edit", "Edit workspace", menu="Window", checked=lambda bench: bench.shell.workspace() == "edit")
def workspace_edit(bench: Workbench) -> None:
    """Media, viewers, timeline, inspector."""
    bench.shell.visit_workspace("edit")


@action("workspace.deliver", "Deliver workspace", menu="Window", checked=lambda bench: bench.shell.workspace() == "deliver")
def workspace_deliver(bench: Workbench) -> None:
    """Presets, export settings, queue, verification."""
    bench.shell.show_workspace("deliver")


@action("workspace.reset", "Reset workspace", menu="Window", icon="rotate-ccw")
def workspace_reset(bench: Workbench) -> None:
    """Puts every panel back to its place."""
    bench.shell.reset_workspace()


@action("jobs.show", "Jobs", menu="Window", icon="list-checks")
def jobs(bench: Workbench) -> None:
    """What runs in the background."""
    bench.shell.popover("jobs")


@action("viewer.quality_next", "Preview quality: next", menu="View", icon="gauge")
def quality_next(bench: Workbench) -> None:
    """Goes through full, half, quarter and automatic preview quality."""
    now = QUALITIES.index(bench.frames.quality)
    bench.frames.set_quality(QUALITIES[(now + 1) % len(QUALITIES)])
    bench.settings.set("playback/quality", bench.frames.quality)
    bench.say(f"Preview quality: {bench.frames.quality}", "info")


def _panel(panel: str, title: str, icon: str) -> ActionSpec:
    return ActionSpec(f"panel.{panel}", title, run=lambda bench: bench.shell.show_panel(panel), menu="Panels", icon=icon,
                      help=f"Shows the {title} panel and gives it the focus.")


def _quality(key: str, title: str) -> ActionSpec:
    def run(bench: Workbench) -> None:
        bench.frames.set_quality(key)
        bench.settings.set("playback/quality", key)

    return ActionSpec(f"viewer.quality_{key}", title, run=run, menu="Quality", checked=lambda bench: bench.frames.quality == key,
                      help="How many pixels the preview is drawn with; exports are always exact.", group="quality")


def _theme(key: str, title: str) -> ActionSpec:
    def run(bench: Workbench) -> None:
        bench.settings.set("look/theme", key)

    return ActionSpec(f"theme.{key}", title, run=run, menu="Theme", checked=lambda bench: bench.theme.wanted == key, icon="sun-moon",
                      help="Changes the colours of the window at once.", group="theme")


ACTIONS = [
    *ACTIONS_MEDIA,
    _panel("media", "Media", "film"), _panel("source", "Source", "monitor-play"), _panel("timeline", "Timeline", "clapperboard"),
    _panel("program", "Program", "monitor-play"), _panel("inspector", "Inspector", "sliders-horizontal"),
    _panel("meters", "Meters", "audio-lines"), _panel("titles", "Titles", "type"), _panel("history", "History", "rotate-ccw-clock"),
    _panel("problems", "Problems", "triangle-alert"),
    _quality("full", "Full quality"), _quality("half", "Half quality"), _quality("quarter", "Quarter quality"),
    _quality("auto", "Automatic quality"),
    _theme("dark", "Dark theme"), _theme("light", "Light theme"), _theme("high_contrast", "High contrast theme"),
    _theme("system", "Theme of the system"),
]
