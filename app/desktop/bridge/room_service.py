"""What other programs of the same person ask of a room that this window holds.

Owns: the requests (share, state, sync, members, encrypt) and how it stands as JSON values. Refuses: the socket they come over (see
`app.services.owner`). `serve` runs on a thread that is not the interface's, and goes to that for whatever touches the project.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from app.desktop.bridge import room_work
from app.services.errors import AppError
from editor_core.sync.members import Role

if TYPE_CHECKING:
    from app.desktop.bridge.together import Together
    from app.desktop.bridge.workbench import Workbench
    from app.services.collab.live import LiveSession

MEDIA_WITHIN = 90.0
"""Seconds that another process waits for media."""


def serve(bench: Workbench, together: Together, what: str, args: dict[str, Any]) -> Any:
    """The answer, as JSON values. Raises AppError."""
    ask = bench.post.ask
    if what == "share":
        made = ask(together.share, str(args.get("relay")), args.get("role", "editor"), float(args.get("expires", 0)), args.get("encrypt"),
                   bool(args.get("plain")))
        return made.result(60)
    if what == "state":
        return ask(lambda: state_plain(bench, together))
    live = _live(bench, together)
    if what == "sync":
        return _sync(bench, live, args)
    if what == "encrypt":
        return together_encrypt(ask, together)
    if what == "members":
        return _members(bench, live, str(args.get("who", "")), args.get("role"), int(args.get("until", 0)))
    raise AppError(f"unknown request {what!r}")


def _live(bench: Workbench, together: Together) -> LiveSession:
    """The live session, when it has been made."""
    ask = bench.post.ask
    live, opening = ask(lambda: (together.live, together.line.opening))
    while live is None and opening:
        time.sleep(0.05)
        live, opening = ask(lambda: (together.live, together.line.opening))
    if live is not None:
        return live  # type: ignore[no-any-return]
    ended, shared, film = ask(lambda: (together.line.ended, together.shared, together.line.film.name))
    if ended or not shared:
        raise AppError(ended or f"{film} is not shared; `proeditor share` shares it")
    raise AppError("The window that holds the project works offline; switch that off there")


def together_encrypt(ask: Any, together: Together) -> Any:
    """Lets the room go on in an encrypted one."""
    return ask(together.encrypt).result(600)


def _sync(bench: Workbench, live: LiveSession, args: dict[str, Any]) -> Any:
    seconds = None if args.get("seconds") is None else float(args["seconds"])
    report = live.until_given(seconds).result(None if seconds is None else seconds + 60)
    upto = str(args.get("media", "none"))
    coming = bench.post.ask(bench.fetch.until_had, upto) if upto != "none" else None
    try:
        return report if coming is None else {**report, "media": coming.result(MEDIA_WITHIN).as_plain()}
    except TimeoutError:
        raise AppError("Media are still coming; the window that holds the project shows how far they are") from None


def _members(bench: Workbench, live: LiveSession, who: str, role: Role | None, until: int) -> dict[str, Any]:
    """Everyone in the room, after a change if it is about somebody."""
    from app.services.collab.membership import members_plain

    if who:
        room_work.change_member(live, who, role, until).result(60)
    found: dict[str, Any] = bench.post.ask(lambda: members_plain(live.participant))
    return found


def state_plain(bench: Workbench, together: Together) -> dict[str, Any]:
    """How it stands."""
    page = getattr(bench.late.get("shell"), "page", None)
    reviewer = getattr(page, "reviewer", None)
    return {"state": together.state, "why": together.why, "role": together.role, "held": together.held, "waiting": together.waiting,
            "to_send": together.to_send, "returning": together.now.returning, "cut": together.same_cut,
            "differs": {one.person.name: one.where for one in together.light.differences}, "page": str(getattr(page, "context", "")),
            "to_decide": len(reviewer.open) if reviewer is not None and reviewer.merged is not None else None,
            "people": [{"name": p.name, "role": p.role, "panel": p.panel, "playhead": p.playhead, "selection": list(p.selection),
                        "doing": p.doing, "spot": p.spot} for p in together.people]}
