"""The merge page put together, a part at a time.

Owns: which part stands where, and that no part takes the window longer than a frame. Refuses: what the parts do (see `page`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSplitter, QVBoxLayout

from app.desktop.merge.decisions import Decisions
from app.desktop.merge.listing import ChangeList
from app.desktop.merge.parts import Footer, Header, PlayRow
from app.desktop.merge.players import SIDES, Player, Sides, side_badge
from app.desktop.merge.strips import Strips
from app.desktop.session import locations
from app.desktop.widgets.basics import column, row

if TYPE_CHECKING:
    from app.desktop.bridge import RenderPort, SoundPort
    from app.desktop.merge.page import MergePage


def put_together(page: MergePage, makers: tuple[Callable[[], RenderPort], Callable[[], SoundPort]]) -> Iterator[None]:
    """Makes the parts of a page, each with a `yield` after it; the page is whole at the end."""
    bench = page.bench
    theme = bench.theme
    yield
    page.header = Header(bench)
    page.header.set(f"Your cut and {page.incoming.title}", {})
    page.header.busy.set(0.6)
    split = QSplitter(Qt.Orientation.Vertical)
    middle = row(split, spacing=theme.px(4))
    middle.setStretch(0, 1)
    layout = column(page.header, middle, spacing=theme.px(4), margins=(0, theme.px(2), 0, theme.px(4)))
    layout.setStretch(1, 1)
    page.setLayout(layout)
    yield
    page.sides = Sides(bench, makers, page)
    page.sides.begin(bench.snapshot, locations(bench.services.project))
    upper = QFrame()
    upper.setProperty("surface", "panel")
    three = QHBoxLayout()
    three.setContentsMargins(theme.px(2), 0, theme.px(2), 0)
    three.setSpacing(theme.px(4))
    inner = QVBoxLayout(upper)
    inner.setContentsMargins(0, 0, 0, 0)
    inner.setSpacing(0)
    inner.addLayout(three, 1)
    split.addWidget(upper)
    yield
    page.players: dict[str, Player] = {}
    for side, words in zip(SIDES, ("your cut", page.incoming.title, "with your choices"), strict=True):
        made = page.players[side] = Player(bench, side, page.sides.feeds[side], side.capitalize(), words,
                                           side_badge(bench, side, page.incoming.title))
        three.addWidget(made, 1)
        yield
    page.players["merged"].set_on(True)
    page.players["mine"].begin()
    page.play_row = PlayRow(bench, {"previous": lambda: page.step(-1), "next": lambda: page.step(1), "play": page.toggle,
                                    "back": lambda: page.frames(-1), "forward": lambda: page.frames(1)})
    inner.addWidget(page.play_row)
    yield
    page.strips = Strips(bench)
    page.strips.names["theirs"] = page.incoming.title
    page.strips.expect(min(page.lanes, len(bench.snapshot.tracks())))
    yield
    page.list = ChangeList(bench, page.reviewer, page.strips)
    page.list.say("Looking…")
    yield
    split.addWidget(page.list)
    split.setSizes([theme.px(380), theme.px(560)])
    split.setStretchFactor(0, 1)
    split.setStretchFactor(1, 1)
    split.setChildrenCollapsible(False)
    yield
    page.decisions = Decisions(bench, page.reviewer)
    middle.addWidget(page.decisions)
    yield
    page.footer = Footer(bench, {"not_now": page.not_now, "branch": page.keep_as_branch, "decide": page.decide_next,
                                 "apply": page.apply})
    layout.addWidget(page.footer)
    yield
