"""The Inspector's frame: a card for what is selected and the sections that concern it.

Owns: which sections show, refreshing only what changed. Refuses: fields (see the sections).
"""

from __future__ import annotations

from collections.abc import Iterator
from operator import add, attrgetter

from PySide6.QtCore import QRect, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from app.desktop.bridge import Workbench
from app.desktop.panels.inspector.chosen import Chosen
from app.desktop.panels.inspector.clip_sections import ClipSection, CropSection, Fades, Solid, Transform
from app.desktop.panels.inspector.other_sections import (
    Changes,
    MarkerSection,
    MediaSection,
    TimelineSection,
    TransitionSection,
    format_of,
)
from app.desktop.panels.inspector.sound_section import Sound
from app.desktop.panels.inspector.title_section import Text
from app.desktop.widgets.basics import IconLabel, Words, column, label, line, plain_tip, row
from app.desktop.widgets.numbers import short_time
from editor_core.document import ChangeSet, Snapshot
from editor_core.schema import Clip, Marker, MediaReference, Transition

_KIND = {"video": ("film", "clip-video"), "audio": ("audio-lines", "clip-audio"), "title": ("type", "clip-title"),
         "solid": ("shapes", "clip-generator"), "caption": ("captions", "clip-caption")}
_START, _LENGTH = attrgetter("start"), attrgetter("source_range.duration")
MANY = 500
"""Selected clips up to which everything is shown at once."""


class Poster(QWidget):
    """A small picture of what is selected: the clip's first frame, a solid's colour, else the kind's icon."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self._bench = bench
        self._asset, self._at, self._kind, self._colour = "", 0, "video", ""
        self.setFixedSize(QSize(bench.theme.px(58), bench.theme.px(33)))
        bench.tiles.ready.connect(self._tile)

    def _tile(self, asset: str) -> None:
        if asset == self._asset:
            self.update()

    def show_for(self, kind: str, asset: str = "", at: int = 0, colour: str = "") -> None:
        if (kind, asset, at, colour) != (self._kind, self._asset, self._at, self._colour):
            self._kind, self._asset, self._at, self._colour = kind, asset, at, colour
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._bench.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        icon, token = _KIND.get(self._kind, ("clapperboard", "well"))
        box = self.rect()
        image = None
        if self._asset and self._kind == "video":
            image = self._bench.tiles.thumbnail(self._asset, self._at, round(box.height() * self.devicePixelRatioF()))
        painter.fillRect(box, theme.color(token if image is None else "viewer"))
        if self._colour and self._kind == "solid":
            painter.fillRect(box, QColor(self._colour[:7]))
        elif image is not None:
            size = image.size().scaled(box.size(), Qt.AspectRatioMode.KeepAspectRatio)
            left, top = (box.width() - size.width()) // 2, (box.height() - size.height()) // 2
            painter.drawImage(QRect(left, top, size.width(), size.height()), image)
        else:
            side = theme.px(16)
            painter.drawPixmap((box.width() - side) // 2, (box.height() - side) // 2, theme.pixmap(icon, "text-2", 16))
        painter.end()


class Inspector(QWidget):
    """Rows are made once; a change of selection or document only shows other values."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self._bench = bench
        theme = bench.theme
        self.chosen = Chosen(bench)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self.poster = Poster(bench)
        self._name = Words("")
        self._name.setFont(theme.font("strong"))
        self._where = Words("")
        self._where.setFont(theme.font("label"))
        self._where.setProperty("role", "tertiary")
        card = QWidget()
        words = column(self._name, self._where, spacing=theme.px(1))
        bar = row(self.poster, spacing=theme.px(8), margins=(theme.px(10), theme.px(9), theme.px(10), theme.px(9)))
        bar.addLayout(words, 1)
        card.setLayout(bar)
        layout.addWidget(card)
        layout.addWidget(self._make_bar())
        layout.addWidget(line())
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFrameShape(QFrame.Shape.NoFrame)
        inner = QWidget()
        inner.setObjectName("scrolled")
        self._list = QVBoxLayout(inner)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(0)
        area.setWidget(inner)  # before it is full: all that is in it would be dressed anew
        layout.addWidget(area, 1)
        self.sections: list[ClipSection] = [Text(bench), Solid(bench), Transform(bench), CropSection(bench), Sound(bench), Fades(bench)]
        self.transition, self.marker, self.media = TransitionSection(bench), MarkerSection(bench), MediaSection(bench)
        self.timeline, self.changes = TimelineSection(bench), Changes(bench)
        for section in (*self.sections, self.transition, self.marker, self.media, self.timeline, self.changes):
            self._list.addWidget(section)
        self._hint = label(theme, "Select a clip to change it. These are the settings of the timeline.", "tertiary", "label", wrap=True)
        self._hint.setContentsMargins(theme.px(26), theme.px(10), theme.px(16), theme.px(10))
        self._list.addWidget(self._hint)
        self._list.addStretch(1)
        self.setAccessibleName("Inspector")
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._show_soon)
        self._steps: Iterator[None] | None = None
        self._turns = QTimer(self, interval=0)
        self._turns.timeout.connect(self._next)
        self._stale = False
        bench.actions.refreshed.connect(self._bar)
        self._bar()
        bench.selection.changed.connect(self._soon.start)
        bench.media.changed.connect(self._soon.start)
        bench.listen(self._changed, self)
        if "clip.gain" in bench.actions:
            bench.actions.bind("clip.gain", self.type_gain, self._no_sound)
            bench.actions.bind("title.edit", self.type_words, self._no_title)
        self._show()

    def _make_bar(self) -> QWidget:
        """The line that says why nothing can be changed here; hidden while everything can."""
        theme = self._bench.theme
        self.barred = QWidget()
        self._why = label(theme, "", "warn", "label", wrap=True)
        bar = row(IconLabel(theme, "lock", "warn", 14), spacing=theme.px(8), margins=(theme.px(10), 0, theme.px(10), theme.px(9)))
        bar.addWidget(self._why, 1)
        self.barred.setLayout(bar)
        return self.barred

    def _bar(self) -> None:
        """Whose role does not let them edit sees values and cannot type into them; the reason stands above and in each tooltip."""
        why = self._bench.barred()
        if why == self._why.text() and self.barred.isVisibleTo(self) == bool(why):
            return
        self._why.setText(why)
        self.barred.setVisible(bool(why))
        for section in (*self.sections, self.transition, self.marker, self.timeline):
            section.body.setEnabled(not why)
            section.body.setToolTip(plain_tip(why) if why else "")

    def type_words(self) -> None:
        """Selects the words of the chosen title for typing."""
        text = next(section for section in self.sections if isinstance(section, Text))
        self._bench.shell.show_panel("inspector")
        self._show()
        text.fold(False)
        text.words.setFocus()
        text.words.selectAll()

    def _no_title(self) -> str:
        return "" if Chosen(self._bench).titles else "Select a title first"

    def type_gain(self) -> None:
        """Opens the gain field for typing."""
        sound = next(section for section in self.sections if isinstance(section, Sound))
        self._bench.shell.show_panel("inspector")
        self._show()
        sound.fold(False)
        sound.gain.setFocus()
        sound.gain.begin_typing()

    def _no_sound(self) -> str:
        view = self._bench.snapshot
        clips = (clip for i in self._bench.selection.clips if (clip := view.find(Clip, i)) is not None)
        return "" if any(one.is_sound for clip in clips for one in view.linked(clip)) else "The selected clips have no sound"

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self._soon.start()

    def _changed(self, change: ChangeSet, before: Snapshot, after: Snapshot) -> None:
        touched, selection = change.touched, self._bench.selection
        others = {*selection.transitions, *selection.markers}
        if not selection.clips or not touched.isdisjoint(self.chosen.ids) or others & touched or before.timeline != after.timeline \
                or self._steps is not None:
            self._soon.start()

    def _show_soon(self) -> None:
        """What changed last is shown, unless nobody can see it: then when somebody can."""
        self._stale = not self.isVisible()
        if not self._stale:
            self._show()

    def _show(self) -> None:
        self._steps = None
        self._turns.stop()
        selection = self._bench.selection
        if len(selection.clips) <= MANY or (selection.subject == "assets" and len(selection.assets) == 1):
            self._show_now()
            return
        nothing = Chosen(self._bench, whole=False)
        for section in (*self.sections, self.transition, self.marker, self.media, self.timeline, self._hint, self.changes):
            if isinstance(section, ClipSection):
                section.show_for(nothing)  # from now on nothing of what was selected before can be changed here
            else:
                section.hide()
        self._card(f"{len(selection.clips)} clips", " ", "video")
        self._steps = self._show_many()
        self._turns.start()

    def _show_many(self) -> Iterator[None]:
        """Thousands of clips, over some turns of the event loop."""
        self.chosen = Chosen(self._bench, whole=False)
        yield from self.chosen.gather()
        for section in self.sections:
            yield from section.showing(self.chosen)
        if self.chosen.clips:
            self._card_clips(self.chosen.clips)
            yield
            self.changes.show_for(self.chosen.clips[0].id, frozenset(self._bench.selection.clips))

    def _next(self) -> None:
        if self._steps is None or next(self._steps, self) is self:
            self._steps = None
            self._turns.stop()

    def _show_now(self) -> None:
        bench, view = self._bench, self._bench.snapshot
        chosen = bench.selection
        transition = view.find(Transition, chosen.transitions[0]) if len(chosen.transitions) == 1 and not chosen.clips else None
        marker = view.find(Marker, chosen.markers[0]) if len(chosen.markers) == 1 and not chosen.clips else None
        media = view.find(MediaReference, chosen.assets[0]) if chosen.subject == "assets" and len(chosen.assets) == 1 else None
        self.chosen = Chosen(bench)
        clips = self.chosen.clips if media is None else []
        if media is not None or not clips:
            for section in self.sections:
                section.hide()
        self.transition.setVisible(media is None and transition is not None)
        self.marker.setVisible(media is None and marker is not None)
        self.media.setVisible(media is not None)
        nothing = media is None and not clips and transition is None and marker is None
        self.timeline.setVisible(nothing)
        self._hint.setVisible(nothing)
        self.changes.hide()
        if media is not None:
            self._card_media(media)
        elif clips:
            for section in self.sections:
                section.show_for(self.chosen)
            self._card_clips(clips)
            self.changes.show_for(clips[0].id, frozenset(c.id for c in clips))
        elif transition is not None:
            self.transition.show_for(transition)
            self._card(transition.kind.capitalize(), short_time(transition.duration, bench.rate), "transition")
        elif marker is not None:
            self.marker.show_for(marker)
            self._card(marker.text or "Marker", short_time(marker.start, bench.rate), "marker")
        else:
            self.timeline.show_now()
            timeline = view.timeline
            self._card(timeline.name, f"{timeline.width} × {timeline.height} · {timeline.rate} fps", "timeline")

    def _card(self, name: str, where: str, kind: str, **picture: object) -> None:
        self._name.setText(name)
        self._where.setText(where)
        self.poster.show_for(kind, **picture)  # type: ignore[arg-type]

    def _card_media(self, media: MediaReference) -> None:
        self.media.show_for(media)
        kind = "video" if media.video is not None else "audio"
        self._card(media.name, format_of(media), kind, asset=media.id if media.video else "",
                   at=media.duration // 4)

    def _card_clips(self, clips: list[Clip]) -> None:
        view, rate = self._bench.snapshot, self._bench.rate
        start, end = min(map(_START, clips)), max(map(add, map(_START, clips), map(_LENGTH, clips)))
        shots = len({c.link or c.id for c in clips})
        first = next((c for c in clips if not c.is_sound), clips[0])
        if shots == 1:
            tracks = " ".join(view.track_label(t) for t in view.tracks() if any(c.track == t.id for c in clips))
            name = first.name or first.text.split("\n")[0] or first.kind.capitalize()
        else:
            tracks, name = f"{len(clips)} clips", f"{shots} selected"
        self._card(name, f"{tracks} · {short_time(start, rate)} to {short_time(end, rate)} · {short_time(end - start, rate)}", first.kind,
                   asset=first.asset, at=first.source_range.start, colour=first.color)
