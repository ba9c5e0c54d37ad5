"""What is done with the room as a whole, beside the window: sharing, roles.

Owns: starting it on the network's loop, or on one of its own while there is no connection. Refuses: the work itself (see
`app.services.collab.sharing`), dialogs.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.services.open_project import OpenProject
from editor_core.sync.members import Role

if TYPE_CHECKING:
    from app.desktop.bridge.post import Post
    from app.desktop.makers import Sharing
    from app.services.collab.live import LiveSession


def share(project: OpenProject, lent: Sharing, live: LiveSession | None, post: Post, shared: Callable[[], None], *, relay: str, role: Role,
          expires: float, encrypt: bool | None) -> Future[dict[str, Any]]:
    """Puts the project into a room (if it is in none) and makes a link. `shared` is called on the interface thread before the result,
    which has `link` and `room`, is there."""
    async def work(do: Any) -> dict[str, Any]:
        from app.services.collab.participant import Participant
        from app.services.collab.sharing import sharing

        one = live.participant if live is not None else None
        return await sharing(project, lent.key(), lent.session, lent.profile, relay=relay, role=role, expires=expires, encrypt=encrypt,
                             do=do, taking_part=one if isinstance(one, Participant) else None)

    return _sharing(work, live, post, shared)


def share_plain(project: OpenProject, lent: Sharing, live: LiveSession | None, post: Post, shared: Callable[[], None],
                relay: str) -> Future[dict[str, Any]]:
    """The same for a plain room."""

    async def work(do: Any) -> dict[str, Any]:
        from app.services.collab.plain import sharing_plain

        return await sharing_plain(project, lent.key(), lent.session, relay, do)

    return _sharing(work, live, post, shared)


def _sharing(work: Callable[[Any], Any], live: LiveSession | None, post: Post, shared: Callable[[], None]) -> Future[dict[str, Any]]:
    answer: Future[dict[str, Any]] = Future()

    def done(made: Future[dict[str, Any]]) -> None:
        if made.exception() is None:
            post(shared)
        _hand_on(made, answer)

    (live.aside(work) if live is not None else _beside(work, post.promise)).add_done_callback(done)
    return answer


def encrypt(live: LiveSession) -> Future[Any]:
    """Lets the room go on in an encrypted one, with everyone who takes part."""

    async def work(do: Any) -> Any:
        from app.services.collab import moving

        return await moving.encrypt(live.participant, do)

    return live.aside(work)


def change_member(live: LiveSession, who: str, role: Role | None, until: int = 0) -> Future[Any]:
    """Gives a member (a key in hexadecimal digits, or a name) another role, or removes them (None)."""

    async def work(do: Any) -> Any:
        from app.services.collab import sharing

        return await sharing.change_member(live.participant, who, role, do, until=until)

    return live.aside(work)


def _hand_on(made: Future[Any], answer: Future[Any]) -> None:
    error = made.exception()
    if error is not None:
        answer.set_exception(error)
    else:
        answer.set_result(made.result())


def _beside(work: Callable[[Any], Any], promise: Callable[[Callable[[], Any]], Future[Any]]) -> Future[Any]:
    """Runs a coroutine on a loop and thread of its own, with `do` for the interface thread."""
    import asyncio  # windows of films that nobody shares do without

    answer: Future[Any] = Future()

    async def do(step: Callable[[], Any]) -> Any:
        return await asyncio.wrap_future(promise(step))

    def run() -> None:
        try:
            answer.set_result(asyncio.run(work(do)))
        except BaseException as error:
            answer.set_exception(error)

    threading.Thread(target=run, name="sharing", daemon=True).start()
    return answer


def suggest_film(folder: Path, name: str) -> Path:
    """A free name for a film that is joined."""
    stem = "".join(c if c.isalnum() or c in " -_" else "-" for c in name).strip() or "Shared film"
    path = folder / f"{stem}.proedit"
    count = 2
    while path.exists():
        path = folder / f"{stem} {count}.proedit"
        count += 1
    return path
