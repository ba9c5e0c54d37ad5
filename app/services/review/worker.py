"""The process that works out what a merge would be: `python -m app.services.review.worker --parent PID`.

Owns: reading both projects, also the film before anybody asks, merging them in memory, saying what comes of it. Refuses: writing
anywhere, the network, and deciding.

It reads what is on disk, so that nothing of the film's process waits for it; native code sees what others wrote here first, and if it
ends over that, the film's process goes on. The channel is as in `render.worker`.
"""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import gc
import logging
import os
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

from app.services.errors import AppError
from app.services.merging import Coming, NotACopy, coming, merger_of
from app.services.open_project import OpenProject
from app.services.people import names
from app.services.reading import project_at, read_project
from app.services.review.messages import Ask, Near, Refused, ToLooking, cuts_said, outlook_said
from app.services.review.outlook import naming, outlook
from editor_core.commands.context import Actor
from editor_core.commands.registry import Registry
from editor_core.comments.document import Comments
from editor_core.storage import StorageError
from editor_core.storage.news import News, read_news
from editor_core.sync import SyncError
from editor_core.sync.merging import Merger
from editor_core.sync.replica import joined
from render.confine import Limits, confine
from render.wire import FROM_WORKER_LIMIT, TO_WORKER_LIMIT, Channel, WireError

log = logging.getLogger(__name__)
_QUIET = 50_000_000
"""Nanoseconds. File systems tell times apart by a few milliseconds: what was written into just now may be again, unnoticed."""


class Extra:
    """What a copy says besides: where media lie, who people are, comments."""

    def __init__(self, places: dict[str, list[Path]], known: dict[str, str], acts: tuple[bytes, ...]) -> None:
        self.places, self.names, self.acts = places, known, acts


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="app.services.review.worker")
    parser.add_argument("--parent", type=int, default=0)
    options = parser.parse_args(words)
    faulthandler.enable()
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    read_fd, write_fd = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    confine(Limits(), options.parent)
    channel: Channel[Any] = Channel(read_fd, write_fd, ToLooking, limit=TO_WORKER_LIMIT, send_limit=FROM_WORKER_LIMIT)
    gc.freeze()
    gc.disable()  # a search for cycles among 100,000 new records takes longer than most of what is done here
    ahead: Ahead | None = None
    with contextlib.suppress(WireError):
        while True:
            asked = channel.receive()
            if isinstance(asked, Near):
                ahead = read_ahead(asked)
                continue
            serve(channel, asked, ahead)
            ahead = None
            gc.collect()
    return 0


class Ahead(NamedTuple):
    """A film that was read before anybody asked, who asked for that, and how its file was then."""

    near: Near
    film: OpenProject
    state: tuple[int, ...]


def read_ahead(near: Near) -> Ahead | None:
    """Reads a film; None where that fails, or its file changes just now: then it is read when somebody asks."""
    path = Path(near.film)
    try:
        state = _state(path)
        if time.time_ns() - state[0] < _QUIET:
            time.sleep(_QUIET / 1e9)
            state = _state(path)
        if time.time_ns() - state[0] < _QUIET:
            return None
        film = project_at(path, Registry([]), Actor(id=near.me), trusted=True)
        return Ahead(near, film, state)
    except (OSError, AppError, StorageError, SyncError):
        return None


def _state(path: Path) -> tuple[int, ...]:
    """What changes with every write into a file, when it was written (nanoseconds of Unix time) first. Raises OSError."""
    found = path.stat()
    return found.st_mtime_ns, found.st_size, found.st_ino, int(path.with_name(path.name + "-journal").exists())


def _film(ask: Ask, ahead: Ahead | None) -> OpenProject:
    with contextlib.suppress(OSError):
        if ahead is not None and ahead.near == Near(ask.film, ask.me) and ahead.state == _state(Path(ask.film)):
            return ahead.film
    return project_at(Path(ask.film), Registry([]), Actor(id=ask.me), trusted=True)


def serve(channel: Channel[Any], ask: Ask, ahead: Ahead | None = None) -> None:
    """Answers one question. Raises WireError when nobody listens any more."""
    try:
        _look(channel, ask, ahead)
    except NotACopy as error:
        channel.send(Refused(str(error), copy=True))
    except (AppError, StorageError) as error:
        channel.send(Refused(str(error)))
    except SyncError as error:
        channel.send(Refused(f"the copy cannot be merged: {error}"))
    except WireError:
        raise
    except Exception:
        log.exception("looking at a merge")
        channel.send(Refused("The merge could not be worked out; the details are in the log"))


def _look(channel: Channel[Any], ask: Ask, ahead: Ahead | None = None) -> None:
    film = _film(ask, ahead)
    merger = merger_of(film)
    if ask.came is not None:
        arriving = Coming(ask.came.changes, ask.came.parcels, ask.came.holes, ask.came.acts, ask.came.also)
        extra = Extra({}, dict(ask.names), ask.came.acts)
    else:
        film, merger, arriving, extra = arriving_from(Path(ask.other), film, merger)
    known = {actor: name for actor, name in extra.names.items() if actor != ask.me}

    def cuts(found: Any) -> None:
        for message in cuts_said(found):
            channel.send(message)

    who = naming(ask.me, ask.title, known, lambda: names(film, room=True))
    found = outlook(film, arriving, who, merger=merger, cuts=cuts)
    for message in outlook_said(found, extra.places, known, extra.acts):
        channel.send(message)


def arriving_from(path: Path, film: OpenProject, merger: Merger) -> tuple[OpenProject, Merger, Coming, Extra]:
    """What a copy brings; with the film and merger to go on with, which are others where the copy had to be put together.

    Raises NotACopy, AppError, StorageError.
    """
    news = read_news(path, merger.order)
    if news is not None and (news.shares or film.file.has(news.first)) and _whole(film, news):
        acts = _said(film, news.comments) if news.comments else ()
        parcels = [joined(news.parcels)] if news.parcels else []
        return film, merger, Coming(news.changes, parcels, False, acts), Extra(news.locations, news.names, acts)
    film = project_at(film.path, film.door.registry, film.door.actor, trusted=True)
    merger = merger_of(film)
    with contextlib.closing(read_project(path, film)) as other:
        arriving = coming(film, other, merger, private=True)
        places = {asset: list(other.file.locations.get(asset)) for asset in other.file.locations}
        return film, merger, arriving, Extra(places, names(other), arriving.acts)


def _said(film: OpenProject, comments: list[bytes]) -> tuple[bytes, ...]:
    there, here = Comments(comments), film.talk.comments
    return tuple(there.raw(act) for act in there.ids if act not in here)


def _whole(film: OpenProject, news: News) -> bool:
    """Whether the entries that are news, and what is here, are all that the copy holds."""
    replica = film.file.replica
    if news.parcels:
        replica.apply_update(joined(news.parcels))
    return replica.covers(b"" if news.whole == film.file.whole else news.whole, news.later)


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stderr.flush()
    os._exit(code)
