"""The command line of sharing: relay, share, join, sync, members.

Owns: words, options and what is printed of these commands. Refuses: doing anything itself; services do the work. Nothing connects
anywhere but by these commands.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from app.cli_parts import Film, Json, looking, put
from app.services.errors import AppError

if TYPE_CHECKING:
    from app.bootstrap import Parts
    from app.services.open_project import OpenProject, Target
    from app.services.owner import OwnerClient

T = TypeVar("T")


def register(app: typer.Typer) -> None:
    """Adds the commands to the command line."""
    for function in (relay, share, join, sync, members):
        app.command(function.__name__)(function)


def relay(host: Annotated[str, typer.Option(help="the address to listen on; 0.0.0.0 for all")] = "127.0.0.1",
          port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one")] = 0,
          data: Annotated[Path | None, typer.Option("--data", metavar="DIR", help="where rooms are kept")] = None,
          certificate: Annotated[Path | None, typer.Option("--tls-cert", metavar="F", help="certificate chain, PEM")] = None,
          key: Annotated[Path | None, typer.Option("--tls-key", metavar="F", help="its private key, PEM")] = None,
          bus: Annotated[str, typer.Option(metavar="URL", help="redis://HOST:PORT that several relays share their rooms by")] = "",
          public: Annotated[str, typer.Option(metavar="ADDRESS", help="with --bus: where peers reach this relay, to share out rooms")] = "",
          p2p: Annotated[bool, typer.Option("--p2p", help="also reached by its key (QUIC); prints iroh:… next")] = False,
          as_json: Annotated[bool, typer.Option("--json", help="as everywhere; the address is printed plainly in any case")] = False,
          ) -> None:
    """Runs a relay for shared films until it is stopped; prints its address first."""
    from app.bootstrap import start_log
    from app.services.collab.links import parse_relay
    from app.services.places import Places
    from app.services.relay.running import Listening, run_relay

    places = Places.find()
    start_log(places.logs)
    given = Listening(host, port, data or places.config / "relay", certificate, key, bus, parse_relay(public) if public else "", p2p)
    run_relay(given, lambda address: print(address, flush=True))


def share(film: Film, address: Annotated[str, typer.Option("--relay", metavar="ADDRESS", help="ws://HOST:PORT of a relay")] = "",
          lan: Annotated[bool, typer.Option("--lan", help="on the local network, without a relay")] = False,
          plain: Annotated[bool, typer.Option("--plain", help="for Yjs clients: unsigned, this machine and local network only")] = False,
          role: Annotated[str, typer.Option(help="viewer, commenter, editor or owner")] = "editor",
          expires: Annotated[str, typer.Option(metavar="SPAN", help="how long the link lets people join: 12h, 7d, never")] = "7d",
          encrypt: Annotated[bool | None, typer.Option("--encrypt/--no-encrypt", help="whether members alone can read it, and no relay; "
                                                       "by default on the local network, not through a relay")] = None,
          as_json: Json = False) -> None:
    """Shares a project through a relay, and prints a link for others to join by."""
    from app import bootstrap
    from app.services.collab import links, sharing
    from app.services.device_key import device_key
    from editor_core.sync.members import ROLES

    given = next((r for r in ROLES if r == role), None)
    if given is None:
        raise AppError(f"--role {role!r} is not one of {', '.join(ROLES)}")
    span = links.lasting(expires)
    if plain and lan and not address:
        raise AppError("A plain room needs a relay on this machine or network that Yjs clients reach: --relay ADDRESS --plain")
    if bool(address) == lan or (plain and lan):
        raise AppError("Say how: --relay ADDRESS (with --plain or without), or --lan")
    if plain and encrypt:
        raise AppError("A plain room cannot be encrypted: leave out --plain or --encrypt")
    if plain and (given != "editor" or expires not in ("7d", "never")):
        raise AppError("A plain room has neither roles nor an end: whoever has the link may write everything. Leave out --plain, or --role "
                       "and --expires")
    relay_address = links.LAN if lan else links.parse_relay(address)
    parts = bootstrap.parts()
    if plain:
        _share_plain(parts, film, relay_address, as_json)
        return
    made = _where_held(
        parts, film, lambda project: sharing.share(project, device_key(parts.places.config), parts.session, parts.profile,
                                                   relay=relay_address, role=given, expires=span, encrypt=encrypt),
        lambda holder: holder.live("share", relay=relay_address, role=given, expires=span, encrypt=encrypt))
    if as_json:
        put(made)
    else:
        print(f"{made['link']}\n\nWhoever has this link may join as {role}{f' within {expires}' if span else ''}: "
              "proeditor join LINK FILM.proedit\n" + (
                  "Encrypted: members alone can read the film" if made["encrypted"] else
                  "Not encrypted: who runs the relay can read the film; --encrypt keeps it to members, also later"))


def _share_plain(parts: Parts, film: Path, address: str, as_json: bool) -> None:
    from app.services.collab.plain import share_plain
    from app.services.collab.words import NO_MEDIA, PLAINLY
    from app.services.device_key import device_key

    made = _where_held(parts, film, lambda project: share_plain(project, device_key(parts.places.config), parts.session, address),
                       lambda holder: holder.live("share", relay=address, plain=True))
    if as_json:
        put(made)
    else:
        print(f"{made['link']}\n\n{PLAINLY}. {NO_MEDIA}.\nJoin with: proeditor join LINK FILM.proedit; from Yjs: {made['yjs']}")


def join(link: Annotated[str, typer.Argument(metavar="LINK", help="- reads it: others on this machine may see a command's words")],
         film: Annotated[Path, typer.Argument(metavar="FILM.proedit", help="the file to make")], as_json: Json = False) -> None:
    """Makes a film from the room that a link leads to."""
    from app import bootstrap
    from app.services.collab import links, sharing
    from app.services.device_key import device_key
    from editor_core.storage.copying import refuse_taken

    link = sys.stdin.readline() if link == "-" else link
    if links.is_plain(link):
        _join_plain(link, film, as_json)
        return
    to = links.parse_link(link)
    refuse_taken(film)
    parts = bootstrap.parts()
    report = sharing.join(to, film, device_key(parts.places.config), parts.session, parts.profile,
                          making=lambda path: bootstrap.making(parts, path))
    if as_json:
        put(report)
    else:
        print(f"Made {film}; you are {report['role']}. Members: " + ", ".join(m["person"] or m["key"][:8] for m in report["members"]))


def _join_plain(link: str, film: Path, as_json: bool) -> None:
    from app import bootstrap
    from app.services.collab import links
    from app.services.collab.plain import join_plain
    from app.services.collab.words import NO_MEDIA, PLAINLY
    from app.services.device_key import device_key
    from editor_core.storage.copying import refuse_taken

    to = links.parse_plain(link)
    refuse_taken(film)
    parts = bootstrap.parts()
    report = join_plain(to, film, device_key(parts.places.config), parts.session, making=lambda path: bootstrap.making(parts, path))
    if as_json:
        put(report)
    else:
        print(f"Made {film}. {PLAINLY}. {NO_MEDIA}")


def sync(film: Film, span: Annotated[str | None, typer.Option("--for", metavar="SPAN", help="stay connected so long: 10s, 5m")] = None,
         idle: Annotated[bool, typer.Option("--until-idle", help="until nothing is left to exchange (also without --for)")] = False,
         media: Annotated[str, typer.Option(metavar="WHAT", help="fetch missing media: none, previews, proxies, originals")] = "none",
         cap: Annotated[str, typer.Option("--upload-cap", metavar="SIZE", help="bytes a second given at most: 500K, 5M; 0 for all")] = "0",
         metered: Annotated[bool, typer.Option("--metered", help="exchange small previews alone")] = False,
         as_json: Json = False) -> None:
    """Connects to the room of a shared project, gives what was done here and applies what others did; media that others lack are given,
    and those missing here are fetched with --media."""
    from app import bootstrap
    from app.services.collab import links, syncing
    from app.services.collab.media.exchange import wish
    from app.services.collab.media.shelf import shelf_of
    from app.services.device_key import device_key

    if span is not None and idle:
        raise AppError("give either --for or --until-idle")
    seconds = None if span is None else links.seconds(span)
    upto, most = wish(media), links.size(cap)
    parts = bootstrap.parts()
    until = time.monotonic() + (seconds or 0)

    def left() -> float | None:
        return None if seconds is None else max(0.0, until - time.monotonic())

    def here(project: OpenProject) -> dict[str, Any]:
        with bootstrap.task_pool(background=True) as pool, bootstrap.library(parts) as library:
            shelf = shelf_of(project, lambda: pool, parts.places.cache, library)
            return syncing.sync(project, device_key(parts.places.config), parts.session, left(),
                                syncing.MediaWish(shelf, upto, most, metered))

    report = _where_held(parts, film, here, lambda holder: holder.live("sync", seconds=left(), media=upto))
    if as_json:
        put(report)
    else:
        print("\n".join(syncing.lines(report)))


def live(film: Path, work: Callable[[Target], None]) -> None:
    """Runs commands on a shared project while it is connected; what they did is given before this returns."""
    from app import bootstrap
    from app.services.collab.syncing import run_live
    from app.services.device_key import device_key

    parts = bootstrap.parts()
    done = False

    def here(project: OpenProject) -> None:
        run_live(project, device_key(parts.places.config), parts.session, (lambda target: None) if done else work)

    def there(holder: Holder) -> None:
        nonlocal done
        if not done:
            holder.live("sync", seconds=0)
            with bootstrap.target(parts, film) as target:
                work(target)
            done = True
        holder.live("sync", seconds=None)

    _where_held(parts, film, here, there)


class Holder:
    """The window, or the command that is connected with a film: it holds the film, and what is asked of the room goes over its line."""

    def __init__(self, client: OwnerClient) -> None:
        self._client = client

    def live(self, what: str, **args: Any) -> Any:
        """Asks something of its live session. Raises OwnerLeft where it let go of the film instead, else AppError."""
        return self._client.ask({"do": "live", "what": what, "args": args})


def _where_held(parts: Parts, film: Path, here: Callable[[OpenProject], T], there: Callable[[Holder], T]) -> T:
    """Does something where a project is held: `here` by this process, `there` by the one that holds it; by whoever holds it next where that
    one just let go of it. Raises ProjectInUse where that takes no requests."""
    from app import bootstrap
    from app.services.owner import OwnerClient, OwnerError, OwnerLeft
    from editor_core.storage import ProjectInUse

    until = time.monotonic() + bootstrap.OWNER_WAIT
    while True:
        try:
            with bootstrap.holding(parts, film) as project:
                return here(project)
        except ProjectInUse as held:
            if not held.address:
                raise
            address = held.address
        try:
            client = OwnerClient(address, timeout=24 * 3600.0)
        except OwnerError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
            continue
        with contextlib.closing(client), contextlib.suppress(OwnerLeft):
            return there(Holder(client))


def members(film: Film, what: Annotated[str | None, typer.Argument(metavar="[grant|revoke|encrypt]")] = None,
            who: Annotated[str | None, typer.Argument(metavar="MEMBER", help="the beginning of a key, or a name; for revoke also a link's "
                                                      "key")] = None,
            role: Annotated[str | None, typer.Argument(metavar="ROLE", help="for grant: viewer, commenter, editor or owner")] = None,
            expires: Annotated[str, typer.Option(metavar="SPAN", help="for grant: how long the role lasts: 12h, 7d, never")] = "never",
            as_json: Json = False) -> None:
    """Who takes part in a shared project; owners may give another role or remove somebody, whose link is taken back with that.

    `encrypt` lets the film go on in an encrypted room, with everyone who takes part; their programs follow by themselves.
    """
    from app import bootstrap
    from app.services.collab import links, moving, sharing
    from app.services.collab.membership import members_lines, members_plain
    from app.services.collab.participant import Participant
    from app.services.collab.plain import refuse_plain
    from app.services.device_key import device_key
    from editor_core.sync.members import ROLES

    if what not in (None, "grant", "revoke", "encrypt") or (what in ("grant", "revoke")) != (who is not None) or (
            (what == "grant") != (role is not None)):
        raise AppError("write `members FILM`, `members FILM grant MEMBER ROLE`, `members FILM revoke MEMBER` or `members FILM encrypt`")
    given = next((r for r in ROLES if r == role), None)
    if role is not None and given is None:
        raise AppError(f"{role!r} is not one of {', '.join(ROLES)}")
    if expires != "never" and what != "grant":
        raise AppError("--expires goes with `grant`; how long a link lasts is said when it is made, by `proeditor share --expires`")
    span = links.lasting(expires)
    until = int(time.time() + span) if span else 0
    parts = bootstrap.parts()
    key = device_key(parts.places.config)

    def here(project: OpenProject) -> dict[str, Any]:
        refuse_plain(project)
        one = Participant(project, key, parts.session)
        moved = asyncio.run(moving.encrypt(one)) if what == "encrypt" else {}
        if what is not None and who is not None:
            if given is None:
                sharing.revoke(one, who)
            else:
                sharing.grant(one, who, given, until)
        return {**members_plain(one), **moved}

    def there(holder: Holder) -> dict[str, Any]:
        moved = holder.live("encrypt") if what == "encrypt" else {}
        return {**holder.live("members", **({} if who is None else {"who": who, "role": given, "until": until})), **moved}

    if what is None:
        with looking(film, parts) as project:
            found = here(project)
    else:
        found = _where_held(parts, film, here, there)
    if as_json:
        put(found)
    else:
        print("\n".join([*([moving.told(found)] if what == "encrypt" else []), *members_lines(found)]))
