"""Actions: every control of the window by id, with its title, keys, icon, and why it is disabled.

Owns: declaring actions, finding them, one QAction for each, enabled state with reason, running by id.
Refuses: changing the document (an action calls a command), and deciding which key was pressed (see `keymap`).

An action whose id is that of a document command says how the window fills in its arguments. Commands that no action fills
in are offered as well; the palette asks for their arguments.
"""

from __future__ import annotations

import importlib
import logging
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeySequence
from shiboken6 import isValid

if TYPE_CHECKING:
    from app.desktop.bridge.keymap import Keymap
    from app.desktop.bridge.workbench import Workbench

log = logging.getLogger(__name__)

Reason = Callable[["Workbench"], str]
"""Why an action cannot run now, as a short sentence; empty when it can."""


@dataclass(frozen=True)
class ActionSpec:
    """A declared action. `run` is None where a widget binds the work (see `Actions.bind`).

    `group` names actions of which one is on. `ask` marks commands whose arguments the palette must ask for.
    `label` gives a title that depends on the state, such as `Undo Move clip`. `command` is the document command it needs: where
    the registry has none of that id, there is no such action. `palette` False keeps it out of the palette. `repeats` is whether
    a key that is held runs it again and again; `released` is called when the key that ran it is let go.
    """

    id: str
    title: str
    run: Callable[[Workbench], Any] | None = None
    menu: str = ""
    icon: str = ""
    help: str = ""
    reason: Reason | None = None
    checked: Callable[[Workbench], bool] | None = None
    label: Callable[[Workbench], str] | None = None
    group: str = ""
    ask: bool = False
    command: str = ""
    palette: bool = True
    repeats: bool = True
    released: Callable[[Workbench], Any] | None = None


def action(action_id: str, title: str, **more: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declares `function(bench)` as the action; its docstring is the help text."""

    def declare(function: Callable[..., Any]) -> Callable[..., Any]:
        text = " ".join((function.__doc__ or "").split())
        specs = list(getattr(function, "__actions__", ()))
        specs.append(ActionSpec(action_id, title, run=function, help=text, **more))
        function.__actions__ = specs  # type: ignore[attr-defined]
        return function

    return declare


def discover(package: ModuleType) -> list[ActionSpec]:
    """Actions declared in the modules of a package: by the decorator, and in module lists called ACTIONS."""
    found: list[ActionSpec] = []
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda i: i.name):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        found.extend(getattr(module, "ACTIONS", ()))
        for thing in list(vars(module).values()):
            if callable(thing) and getattr(thing, "__module__", None) == module.__name__:
                found.extend(getattr(thing, "__actions__", ()))
    return found


class Actions(QObject):
    """`get(id)` gives the QAction for buttons and menus. Enabled states follow document, selection and playback by themselves."""

    refreshed = Signal()
    asked = Signal(str)
    """A command was chosen whose arguments must be asked for; the palette listens."""
    ran = Signal(str)

    def __init__(self, bench: Workbench, specs: Iterable[ActionSpec], keymap: Keymap, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bench = bench
        self.keymap = keymap
        self._specs: dict[str, ActionSpec] = {}
        self._commands = {spec.id for spec in bench.door.registry}
        self._made: dict[str, QAction] = {}
        self._watched: set[str] = set()
        self._bound: dict[str, tuple[Callable[[], Any], Callable[[], str] | None, Callable[[], bool] | None]] = {}
        self.held: set[str] = set()
        """Actions whose keys are down."""
        self.typed = ""
        """The character of the key that ran the action, while it runs; empty when it was no key of the number block."""
        for spec in specs:
            if spec.command and not bench.knows(spec.command):
                continue
            if spec.id in self._specs:
                raise ValueError(f"two actions are called {spec.id!r}")
            self._specs[spec.id] = spec
        self._soon = QTimer(self, singleShot=True, interval=30)
        self._soon.timeout.connect(lambda: self.refresh(self._watched))
        keymap.changed.connect(self._rekey)

    def __iter__(self) -> Any:
        return iter(self._specs.values())

    def __contains__(self, action_id: str) -> bool:
        return action_id in self._specs

    def spec(self, action_id: str) -> ActionSpec:
        """Raises KeyError for an unknown id: a control with no command is a fault of the program."""
        return self._specs[action_id]

    def get(self, action_id: str, *, watched: bool = True) -> QAction:
        """The QAction; made at first use. Raises KeyError.

        `watched` ones are kept up to date all the time, for buttons; menus bring theirs up to date when they open.
        """
        made = self._made.get(action_id)
        if watched:
            self._watched.add(action_id)
        if made is None:
            spec = self._specs[action_id]
            made = QAction(self._bench.text(spec.title), self)
            made.setObjectName(action_id)
            made.setCheckable(spec.checked is not None)
            made.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            made.setIconVisibleInMenu(False)
            made.triggered.connect(lambda _checked=False, i=action_id: self.trigger(i))
            self._made[action_id] = made
            self._dress(spec, made)
        if watched and made.icon().isNull() and (icon := self._specs[action_id].icon):
            made.setIcon(self._bench.theme.icon(icon))  # menus show none, and drawing them all takes a while
        return made

    def bind(self, action_id: str, run: Callable[[], Any], reason: Callable[[], str] | None = None,
             checked: Callable[[], bool] | None = None) -> None:
        """A widget lends the work of an action that is declared without: zooming, tools, selecting all. The last one wins."""
        if action_id not in self._specs:
            raise KeyError(action_id)
        self._bound[action_id] = (run, reason, checked)
        self.touch()

    def unbind(self, *action_ids: str) -> None:
        for action_id in action_ids:
            self._bound.pop(action_id, None)
        self.touch()

    def reason(self, action_id: str) -> str:
        """Why the action cannot run now; empty when it can."""
        spec = self._specs[action_id]
        if (command := spec.command or action_id) in self._commands and (why := self._bench.door.may(command)):
            return why
        if spec.reason is not None and (why := spec.reason(self._bench)):
            return why
        bound = self._bound.get(action_id)
        if bound is not None and bound[1] is not None:
            return bound[1]()
        if bound is None and spec.run is None and not spec.ask:
            return "That panel is not open"
        return ""

    def trigger(self, action_id: str) -> bool:
        """Runs the action if it can; says why not otherwise. False when it did not run."""
        why = self.reason(action_id)
        if why:
            self._bench.say(why, "info")
            return False
        spec, bound = self._specs[action_id], self._bound.get(action_id)
        try:
            if bound is not None:
                bound[0]()
            elif spec.run is not None:
                spec.run(self._bench)
            else:
                self.asked.emit(action_id)
        except Exception:
            log.exception("action %s failed", action_id)
            self._bench.say(f"{spec.title} did not work; the details are in the log", "danger")
            self.touch()
            return False
        if isValid(self):  # quitting, or opening another project, takes the actions down with the page
            self.touch()
            self.ran.emit(action_id)
        return True

    def repeats(self, action_id: str) -> bool:
        """Whether holding its key runs it again and again."""
        return self._specs[action_id].repeats

    def press(self, action_id: str) -> bool:
        """As `trigger`, for a key that is now down; it is in `held` until `release`."""
        self.held.add(action_id)
        return self.trigger(action_id)

    def release(self, action_id: str) -> None:
        """The key of a pressed action is up again."""
        self.held.discard(action_id)
        spec = self._specs.get(action_id)
        if spec is not None and spec.released is not None:
            spec.released(self._bench)

    def title(self, action_id: str) -> str:
        spec = self._specs[action_id]
        return spec.label(self._bench) if spec.label is not None else spec.title

    def keys(self, action_id: str) -> list[str]:
        """Keys as they are shown: `Ctrl+Shift+K`."""
        found = [QKeySequence(k).toString(QKeySequence.SequenceFormat.NativeText) for k in self.keymap.keys_of(action_id)]
        return [key.replace("Return", "Enter") for key in found]

    def tooltip(self, action_id: str) -> str:
        """`Name (Key)`, and why it is disabled."""
        keys = self.keys(action_id)
        text = self.title(action_id) + (f" ({keys[0]})" if keys else "")
        why = self.reason(action_id)
        return f"{text}\n{why}" if why else text

    def touch(self) -> None:
        """Something changed that enabled states may depend on."""
        if not self._soon.isActive():
            self._soon.start()

    def refresh(self, ids: Iterable[str] | None = None) -> None:
        """Looks again whether actions can run and are on: the given ones, or all."""
        for action_id in list(self._made if ids is None else ids):
            made = self._made.get(action_id)
            if made is not None:
                self._dress(self._specs[action_id], made)
        self.refreshed.emit()

    def recolour(self) -> None:
        """After a change of theme: icons in the new colours."""
        for action_id, made in self._made.items():
            if icon := self._specs[action_id].icon:
                made.setIcon(self._bench.theme.icon(icon))

    def _dress(self, spec: ActionSpec, made: QAction) -> None:
        why = self.reason(spec.id)
        title = self.title(spec.id)
        if made.text() != title:
            made.setText(title)
        if made.isEnabled() == bool(why):
            made.setEnabled(not why)
        tip = self.tooltip(spec.id)
        if made.toolTip() != tip:
            made.setToolTip(tip)
            made.setStatusTip(why)
        keys = [QKeySequence(k) for k in self.keymap.keys_of(spec.id)]
        if made.shortcuts() != keys:
            made.setShortcuts(keys)
        bound = self._bound.get(spec.id)
        if spec.checked is not None:
            on = bound[2]() if bound is not None and bound[2] is not None else spec.checked(self._bench)
            if made.isChecked() != on:
                made.setChecked(on)

    def _rekey(self) -> None:
        self.refresh()
