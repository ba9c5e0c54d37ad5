"""Sections for what is no clip: transition, marker, media, the timeline itself; and the last changes of a clip.

Owns: their fields. Refuses: clips.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.desktop.bridge import Workbench
from app.desktop.bridge.past import Past
from app.desktop.bridge.who import who_of
from app.desktop.panels.inspector.clip_sections import combo
from app.desktop.widgets.avatar import Avatar
from app.desktop.widgets.basics import Words, button, clear, label, row
from app.desktop.widgets.number_field import NumberField, TimeField
from app.desktop.widgets.one_line import OneLine
from app.desktop.widgets.section import PropertyRow, Section
from editor_core.document import Entry
from editor_core.schema import Marker, MediaReference, Transition
from editor_core.timing import format_timecode

SIZES = ((1920, 1080), (3840, 2160), (1280, 720), (1080, 1920), (1080, 1080), (2048, 858))
SHOWN, LOOKED = 3, 2000
"""Changes of a clip that are listed, and lines of the history among which they are looked for."""
PARTS = 8
"""Selected clips, as picture and sounds of one shot, of which each is looked up."""
RATES = ("24000/1001", "24", "25", "30000/1001", "30", "50", "60000/1001", "60")
SOUND_RATES = (44100, 48000, 96000)
MARKER_COLOURS = ("green", "yellow", "red", "blue", "violet", "orange")


class TransitionSection(Section):
    """Kind and length of the selected transition."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench.theme, "Transition")
        self._bench, self._id = bench, ""
        self._words = Words("")
        self._words.setProperty("role", "secondary")
        self.rows.addWidget(PropertyRow(bench.theme, "Between", self._words))
        self.length = TimeField(bench.theme, "Length", lambda: bench.rate, minimum=bench.rate.ticks_per_frame)
        self.length.setProperty("keys", "own")
        self.length.edited.connect(self._set)
        self.length.refused.connect(lambda words: bench.say(words, "warn"))
        self.rows.addWidget(PropertyRow(bench.theme, "Length", self.length))
        remove = button(bench.theme, "Remove", self._remove, kind="outline", compact=True)
        holder = QWidget()
        holder.setLayout(row(remove, None, margins=(bench.theme.px(26), bench.theme.px(4), 0, bench.theme.px(4))))
        self.rows.addWidget(holder)

    def show_for(self, transition: Transition) -> None:
        self._id = transition.id
        self.length.set(transition.duration)
        names = [getattr(self._bench.snapshot.record(i), "name", "") or "clip" for i in (transition.from_clip, transition.to_clip)]
        self._words.setText(f"{transition.kind.capitalize()}: {names[0]} → {names[1]}")

    def _remove(self) -> None:
        self._bench.run("transition.remove", {"transition": self._id})

    def _set(self, value: float, gesture: str) -> None:
        if self._bench.run("transition.set", {"transition": self._id, "duration": int(value)}, gesture=gesture) is None:
            now = self._bench.snapshot.find(Transition, self._id)
            if now is not None:
                self.show_for(now)


class MarkerSection(Section):
    """Words, time, length and colour of the selected marker."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench.theme, "Marker")
        self._bench, self._id = bench, ""
        self.text = OneLine()
        self.text.setFont(bench.theme.font("body"))
        self.text.setAccessibleName("Words of the marker")
        self.text.editingFinished.connect(lambda: self._set("text", self.text.words))
        self.at = TimeField(bench.theme, "Time", lambda: bench.rate)
        self.length = TimeField(bench.theme, "Length", lambda: bench.rate)
        for field, name in ((self.at, "at"), (self.length, "duration")):
            field.setProperty("keys", "own")
            field.edited.connect(lambda value, gesture, n=name: self._set(n, int(value), gesture))
            field.refused.connect(lambda words: bench.say(words, "warn"))
        self.colour = combo(bench, "Colour", [(name, name.capitalize()) for name in MARKER_COLOURS])
        self.colour.activated.connect(lambda _n: self._set("color", self.colour.currentData()))
        for words, field in (("Words", self.text), ("Time", self.at), ("Length", self.length), ("Colour", self.colour)):
            self.rows.addWidget(PropertyRow(bench.theme, words, field))

    def show_for(self, marker: Marker) -> None:
        self._id = marker.id
        if not self.text.hasFocus() or self.text.text() == "":
            self.text.setText(marker.text)
        self.at.set(marker.start)
        self.length.set(marker.duration)
        self.colour.setCurrentIndex(self.colour.findData(marker.color))

    def _set(self, name: str, value: Any, gesture: str = "") -> None:
        marker = self._bench.snapshot.find(Marker, self._id)
        field = {"at": "start"}.get(name, name)
        if marker is not None and getattr(marker, field) != value:
            self._bench.run("marker.set", {"marker": self._id, name: value}, gesture=gesture)


class MediaSection(Section):
    """What is known of the selected media, in words."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench.theme, "Media")
        self._bench = bench
        self._holder = QWidget()
        self._list = QVBoxLayout(self._holder)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(0)
        self.rows.addWidget(self._holder)
        self._shown: Any = None

    def show_for(self, media: MediaReference) -> None:
        places = self._bench.services.project.file.locations.get(media.id)
        offline = media.id in self._bench.media.offline
        if (media, places, offline) == self._shown:
            return
        self._shown = (media, places, offline)
        clear(self._list)
        for words, fact in facts_of(media):
            self._row(words, fact)
        if places:
            self._row("File", str(places[0]), "danger" if offline else "secondary")
        for warning in media.warnings:
            note = label(self._bench.theme, warning, "warn", "label", wrap=True)
            note.setContentsMargins(self._bench.theme.px(26), 4, 12, 4)
            self._list.addWidget(note)

    def _row(self, words: str, fact: str, role: str = "") -> None:
        made = Words(fact)
        made.setFont(self._bench.theme.font("body"))
        made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        if role:
            made.setProperty("role", role)
        holder = QWidget()
        bar = QHBoxLayout(holder)
        theme = self._bench.theme
        bar.setContentsMargins(theme.px(26), 0, theme.px(12), 0)
        bar.setSpacing(theme.px(6))
        holder.setFixedHeight(theme.px(24))
        head = label(theme, words, "secondary")
        head.setFixedWidth(theme.px(74))
        bar.addWidget(head)
        bar.addWidget(made, 1)
        self._list.addWidget(holder)


_CONTAINERS = {"mov,mp4,m4a,3gp,3g2,mj2": "MP4 / QuickTime", "matroska,webm": "Matroska / WebM", "wav": "WAV", "avi": "AVI",
               "mpegts": "MPEG-TS", "mxf": "MXF", "mp3": "MP3", "flac": "FLAC", "ogg": "Ogg", "asf": "Windows Media", "aiff": "AIFF",
               "mpeg": "MPEG"}


def format_of(media: MediaReference) -> str:
    """The kind of file in words; the demuxer's own name is a list of what it could be."""
    if media.still:
        return f"Still, {media.video.codec.upper()}" if media.video is not None and media.video.codec else "Still"
    return _CONTAINERS.get(media.container, media.container.partition(",")[0].upper()) or "Media"


def facts_of(media: MediaReference) -> list[tuple[str, str]]:
    """Streams, sizes and colour of a file in words, for people."""
    rows: list[tuple[str, str]] = []
    video = media.video
    if video is not None:
        shown = "×".join(map(str, video.shown_size))
        coded = f"{video.width}×{video.height}"
        rows.append(("Picture", f"{shown}" + (f" (stored {coded})" if shown != coded else "")))
        if not media.still:
            rate = f"{video.rate.fps:.3f}".rstrip("0").rstrip(".")
            rows.append(("Rate", f"{rate} frames a second{', variable' if video.variable else ''}"))
        rows.append(("Codec", f"{video.codec}, {video.bit_depth} bit{', with alpha' if video.alpha else ''}"))
        matrix = "not stated" if video.matrix == "unknown" else video.matrix
        rows.append(("Colour", f"{matrix}, {'full' if video.full_range else 'limited'} range"))
        if video.rotation:
            rows.append(("Turned", f"{video.rotation}° to be upright"))
    for n, sound in enumerate(media.audio):
        name = "Sound" if len(media.audio) == 1 else f"Sound {n + 1}"
        heard = sound.layout or {1: "mono", 2: "stereo"}.get(sound.channels, f"{sound.channels} channels")
        rows.append((name, f"{sound.codec}, {heard}, {sound.sample_rate / 1000:g} kHz"))
    if media.duration:
        rows.append(("Length", f"{media.duration / 705_600_000:.2f} s"))
    if media.size:
        rows.append(("Size", f"{media.size / 2**20:,.1f} MB"))
    return rows


class TimelineSection(Section):
    """Size and rates of the timeline, shown while nothing is selected."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench.theme, "Timeline")
        self._bench = bench
        theme = bench.theme
        self.name = OneLine()
        self.name.setFont(theme.font("body"))
        self.name.setAccessibleName("Name of the timeline")
        self.name.editingFinished.connect(self._rename)
        self.width_ = self._number("Width")
        self.height_ = self._number("Height")
        self.preset = combo(bench, "Size", [((w, h), f"{w} × {h}") for w, h in SIZES])
        self.preset.setPlaceholderText("Other size")
        self.preset.activated.connect(lambda _n: self._set({"width": self.preset.currentData()[0], "height": self.preset.currentData()[1]}))
        self.rate = combo(bench, "Frame rate", [(r, _rate_words(r)) for r in RATES])
        self.rate.activated.connect(lambda _n: self._set({"rate": self.rate.currentData()}))
        self.sound = combo(bench, "Sound rate", [(r, f"{r / 1000:g} kHz") for r in SOUND_RATES])
        self.sound.activated.connect(lambda _n: self._set({"audio_rate": self.sound.currentData()}))
        self._length = QLabel()
        self._length.setFont(theme.font("body"))
        for words, fields in (("Name", (self.name,)), ("Size", (self.preset,)), ("Pixels", (self.width_, self.height_)),
                              ("Frame rate", (self.rate,)), ("Sound", (self.sound,)), ("Length", (self._length,))):
            self.rows.addWidget(PropertyRow(theme, words, *fields))

    def show_now(self) -> None:
        view = self._bench.snapshot
        timeline = view.timeline
        if not self.name.hasFocus():
            self.name.setText(timeline.name)
        self.width_.set(timeline.width)
        self.height_.set(timeline.height)
        size = (timeline.width, timeline.height)  # `findData` does not find pairs
        self.preset.setCurrentIndex(SIZES.index(size) if size in SIZES else -1)
        _show(self.rate, str(timeline.rate), _rate_words(str(timeline.rate)))
        _show(self.sound, timeline.audio_rate, f"{timeline.audio_rate / 1000:g} kHz")
        clips = sum(len(view.clips_on(t.id)) for t in view.tracks())
        self._length.setText(f"{format_timecode(view.end(), timeline.rate)} · {clips} clips")

    def _number(self, name: str) -> NumberField:
        made = NumberField(self._bench.theme, name, minimum=16, maximum=16384, step=2, decimals=0, prefix=name[0])
        made.setProperty("keys", "own")
        made.edited.connect(lambda value, gesture: self._set({name.lower(): int(value) // 2 * 2}, gesture))
        made.refused.connect(lambda words: self._bench.say(words, "warn"))
        return made

    def _set(self, args: dict[str, Any], gesture: str = "") -> None:
        timeline = self._bench.snapshot.timeline
        if any(str(getattr(timeline, k)) != str(v) for k, v in args.items()):
            self._bench.run("timeline.set", args, gesture=gesture)
        self.show_now()

    def _rename(self) -> None:
        wanted = self.name.words
        if wanted and wanted != self._bench.snapshot.timeline.name:
            self._bench.run("timeline.rename", {"name": wanted})


class Changes(Section):
    """The last changes of the selected clip, with who made them."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench.theme, "Changes")
        self._bench = bench
        full = button(bench.theme, "Full history", lambda: bench.actions.trigger("clip.history"), kind="link")
        full.setFont(bench.theme.font("label"))
        self.bar.addWidget(full)
        self._rows: list[tuple[Words, QLabel, QWidget, Avatar]] = []
        self._pasts: list[Past] = []
        theme = bench.theme
        for _ in range(SHOWN):
            words, when = Words(""), label(theme, "", "tertiary", "label")
            words.setFont(theme.font("body"))
            words.setProperty("role", "secondary")
            sign = Avatar(theme, who_of(bench, bench.door.actor.id), 16)
            holder = QWidget()
            holder.setLayout(row(sign, words, when, spacing=theme.px(8), margins=(theme.px(26), 0, theme.px(12), 0)))
            holder.setFixedHeight(theme.px(24))
            self._rows.append((words, when, holder, sign))
            self.rows.addWidget(holder)

    def show_for(self, clip: str, ids: frozenset[str]) -> None:
        """The newest lines of the history that are about clips; what a merge brought to them is looked up, of many to the first."""
        found: list[Entry] = []
        for entry in reversed(self._bench.door.history.entries[-LOOKED:]):
            if found and entry.gesture and (entry.gesture, entry.actor) == (found[-1].gesture, found[-1].actor):
                continue  # one drag is one change, called by where it ended
            if ids.intersection(entry.records):
                found.append(entry)
                if len(found) == SHOWN:
                    break
        for past in self._pasts:
            past.stop()
            past.deleteLater()
        self._pasts = []
        self._show([(one.actor, one.label, one.time) for one in found])
        if any(one.merged for one in found):
            pasts = self._pasts = [Past(self._bench.services.project, one, self, found[::-1])
                                   for one in (sorted(ids) if len(ids) <= PARTS else [clip])]
            for past in pasts:
                past.finished.connect(lambda: self._looked(pasts, found))

    def _looked(self, pasts: list[Past], found: Sequence[Entry]) -> None:
        """A merge is no change that anybody made to a clip: the lines that it brought are."""
        if pasts is not self._pasts or not all(past.done for past in pasts):
            return
        touches = {one.stamp: one for past in pasts for one in past.touches if one.kind == "do"}  # of picture and sound together
        newest = sorted(touches.values(), key=lambda one: (one.time, one.stamp), reverse=True)[:SHOWN]
        self._show([(one.actor, one.label, one.time) for one in newest or found])

    def _show(self, lines: Sequence[tuple[str, str, int]]) -> None:
        self.setVisible(bool(lines))
        for n, (words, when, holder, sign) in enumerate(self._rows):
            holder.setVisible(n < len(lines))
            if n < len(lines):
                actor, text, time = lines[n]
                sign.show_for(who_of(self._bench, actor))
                words.setText(text)
                when.setText(datetime.datetime.fromtimestamp(time / 1000).strftime("%H:%M"))


def _rate_words(rate: str) -> str:
    top, _, bottom = rate.partition("/")
    value = int(top) / int(bottom or 1)
    return f"{value:.3f}".rstrip("0").rstrip(".") + " frames a second"


def _show(box: QComboBox, value: Any, words: str) -> None:
    if box.findData(value) < 0:
        box.addItem(words, value)
    box.setCurrentIndex(box.findData(value))
