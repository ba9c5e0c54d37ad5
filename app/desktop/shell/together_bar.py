"""The part of the top bar that is about others: same cut, Live and Held, who is there, Invite.

Owns: these four. Refuses: connecting (see `bridge.together`), and everything a click opens.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QToolTip, QWidget

from app.desktop.bridge import Workbench
from app.desktop.bridge.cut_light import CutLight, words_of
from app.desktop.bridge.people import Person, activity
from app.desktop.theme.connect import connect_for
from app.desktop.widgets.avatar import paint_sign
from app.desktop.widgets.basics import button, plain_tip
from app.desktop.widgets.segments import Segments

MOST = 6
"""Avatars before a number stands for the rest."""
FEW = (MOST, 3, 1)
"""The same in narrower windows."""
_AWAY = 0.45


class TogetherBar(QWidget):
    """Light, Live/Held, avatars and Invite; only Invite while the project is not shared. `resized` when it needs another width."""

    resized = Signal()

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        theme = bench.theme
        self._bench = bench
        self._short = 0
        bar = QHBoxLayout(self)
        bar.setContentsMargins(0, 0, 0, 0)
        bar.setSpacing(theme.px(8))
        self.light = Light(bench)
        self.resync = button(theme, "Resync", lambda: bench.actions.trigger("together.resync"), kind="outline", icon="refresh-cw")
        self.resync.setToolTip(bench.actions.tooltip("together.resync"))
        self.switch = Segments(theme, "Live or held", [("live", "Live"), ("held", "Held")], "live", height=28)
        self.switch.chosen.connect(lambda key: bench.together.hold(key == "held"))
        self.avatars = Avatars(bench)
        self.invite = button(theme, "Invite", lambda: bench.actions.trigger("together.share"), kind="outline", icon="user-plus")
        for part in (self.light, self.resync, self.switch, self.avatars, self.invite):
            bar.addWidget(part)
        connect_for(bench.together.changed, self.refresh, self)
        self.refresh()

    def be_short(self, step: int) -> None:
        """In a narrow window (1): icons instead of words, and fewer avatars; in a still narrower one (2): hardly any avatars."""
        if step == self._short:
            return
        self._short, on = step, step > 0
        self.light.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly if on else Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.light.setMinimumWidth(self._bench.theme.px(38) if on else 0)
        self.invite.setText("" if on else " Invite")
        self.avatars.most = FEW[step]
        self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()

    def refresh(self) -> None:
        """Shows how it stands now."""
        together, bench = self._bench.together, self._bench
        on = together.state != "off"
        self.light.setVisible(on)
        self.resync.setVisible(on and together.same_cut == "differs" and not self._short)
        self.switch.setVisible(on and together.state != "offline")
        self.avatars.setVisible(on)
        self.invite.setToolTip(bench.actions.tooltip("together.share"))
        self.invite.setEnabled(not bench.actions.reason("together.share"))
        self.switch.set("held" if together.held else "live")
        waiting = together.waiting if together.held else 0
        self.switch.rename("held", f"Held {waiting}" if waiting else "Held")
        self.switch.setToolTip(f"{waiting} changes of others wait; {bench.actions.tooltip('together.take')}" if waiting else
                               f"Live: others’ changes appear at once. Held: they wait until you take them. "
                               f"{bench.actions.tooltip('together.hold')}")
        self.light.refresh()
        self.avatars.refresh()
        self.layout().invalidate()
        self.updateGeometry()


class Light(QToolButton):
    """Whether everybody has the same cut, with a dot and in words."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        theme = bench.theme
        self._bench = bench
        self._colour = "text-3"
        self.setProperty("fact", "true")
        self.setFont(theme.font("body"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIconSize(QSize(theme.px(16), theme.px(16)))
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        menu.setFont(theme.font("body"))
        for action in ("together.resync", "panel.people", "together.members"):
            menu.addAction(bench.actions.get(action))
        menu.aboutToShow.connect(lambda: bench.actions.refresh(["together.resync", "panel.people", "together.members"]))
        self.setMenu(menu)

    def refresh(self) -> None:
        """Words, colour and tooltip of now."""
        words, self._colour, tip = light_of(self._bench)
        self.setText(f" {words}    ")
        self.setIcon(self._bench.theme.icon("wifi-off" if self._bench.together.state == "offline" else "fingerprint-pattern", "text-2", 16))
        self.setToolTip(plain_tip(tip))
        self.setAccessibleName(f"{words}. {tip}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        theme = self._bench.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(self._colour))
        side = theme.px(6)
        painter.drawEllipse(self.width() - side - theme.px(6), (self.height() - side) // 2, side, side)
        painter.end()


def light_of(bench: Workbench) -> tuple[str, str, str]:
    """(words, colour token, tooltip) of the light."""
    together = bench.together
    if together.state == "offline" and together.out:
        return "On your own", "warn", together.why
    if together.state == "offline":
        return "Offline", "text-3", together.why or "You work offline; everything is kept and sent later"
    if together.state == "connecting":
        return "Connecting", "warn", together.why or f"Connecting over {together.over}"
    if together.same_cut == "same":
        return "Same cut", "ok", "Everybody here sees exactly this timeline"
    if together.same_cut == "differs":
        return _differs(together.light)
    if together.same_cut == "behind":
        count, who = together.light.behind
        if count and not who:
            return f"{count} behind", "warn", f"{count} changes of others wait to be taken"
        return (f"{who.split()[0]} behind" if who else "Catching up"), "warn", "Changes are on their way, or held back by somebody"
    return "Only you", "text-3", "Nobody else is connected"


def _differs(light: CutLight) -> tuple[str, str, str]:
    first = light.differences[0] if light.differences else None
    parts = [part for one in light.differences for part in one.tracks] or ([light.where] if light.where else [])
    parts = list(dict.fromkeys(parts))
    words = f"Differs on {words_of(parts if len(parts) < 3 else [parts[0], f'{len(parts) - 1} more'])}" if parts else "Differs"
    details = [f"{one.person.name} has all the same changes and yet another film{f': {one.where}' if one.where else ''}"
               for one in light.differences]
    who = first.person.name if first is not None else "they"
    remedy = f"Resync works your film out again from all changes; if it still differs, {who} presses it too"
    return words, "danger", "\n".join([*details, remedy])


class Avatars(QWidget):
    """Round signs with initials, this person first. A click follows somebody."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self._bench = bench
        self._side, self._step = bench.theme.px(24), bench.theme.px(28)
        self.most = MOST
        self._shown: tuple[tuple[object, ...], ...] = ()
        self.setFixedHeight(bench.theme.px(30))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setMouseTracking(True)
        connect_for(bench.together.peers_changed, self.refresh, self)
        connect_for(bench.together.following_changed, self.update, self)

    def refresh(self) -> None:
        """Repaints if somebody looks another."""
        together = self._bench.together
        shown: tuple[tuple[object, ...], ...] = ((self.most,), *(
            (p.session, p.initials, p.colour, p.playhead is not None, bool(p.doing), together.following) for p in together.people))
        if shown != self._shown:
            self._shown = shown
            others = len(together.people)
            count = 1 + min(others, self.most) + (others > self.most)
            self.setFixedWidth(self._step * count)
            self.setAccessibleName("Here: you" + "".join(f", {p.name}" for p in together.people))
            self.update()
        elif not self.width():
            self.setFixedWidth(self._step)

    def sizeHint(self) -> QSize:
        return QSize(self._step * (1 + min(len(self._bench.together.people), self.most + 1)), self._bench.theme.px(30))

    def _spot(self, number: int) -> QRect:
        return QRect(number * self._step + 2, (self.height() - self._side) // 2, self._side, self._side)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, together = self._bench.theme, self._bench.together
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_sign(painter, theme, self._spot(0), "You", "accent-fill", "text-on-accent")
        people = together.people
        for number, one in enumerate(people[:self.most], 1):
            painter.setOpacity(1.0 if one.playhead is not None else _AWAY)
            paint_sign(painter, theme, self._spot(number), one.initials, one.token, "peer-ink")
            painter.setOpacity(1.0)
            if one.session == together.following or one.doing:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(theme.color(one.token), 2 if one.session == together.following else 1))
                painter.drawEllipse(self._spot(number).adjusted(-2, -2, 2, 2))
        if len(people) > self.most:
            paint_sign(painter, theme, self._spot(self.most + 1), f"+{len(people) - self.most}", "pressed", "text")
        painter.end()

    def _at(self, spot: QPoint) -> Person | None:
        number = spot.x() // self._step - 1
        people = self._bench.together.people
        return people[number] if 0 <= number < min(len(people), self.most) else None

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        one, together = self._at(event.position().toPoint()), self._bench.together
        if one is None:
            self._bench.shell.show_panel("people")
        else:
            together.follow(None if together.following == one.session else one.session)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip:
            one = self._at(event.pos())  # type: ignore[attr-defined]
            words = f"{one.name}, {one.role or 'guest'}, {activity(one, self._bench.snapshot)}\nClick to follow" if one else "You"
            QToolTip.showText(event.globalPos(), plain_tip(words), self)  # type: ignore[attr-defined]
            return True
        return super().event(event)
