"""The command line of comments: list, say, reply, resolve, assign, delete, export.

Owns: words, options and what is printed. Refuses: doing anything itself; commands do the work, so that they reach the window or the
sync that holds the project.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli_parts import Film, Json, changing, looking, put
from app.services.errors import AppError

if TYPE_CHECKING:
    from app.bootstrap import Parts

_SAY = ("say `comments FILM`, or one of add TEXT, reply THREAD TEXT, edit COMMENT TEXT, resolve THREAD, reopen THREAD, assign THREAD NAME, "
        "move THREAD, delete COMMENT, export OUT.csv, export --markers")
_WORDS = {"add": 1, "reply": 2, "edit": 2, "resolve": 1, "reopen": 1, "assign": 2, "move": 1, "delete": 1}
"""How many words follow each."""


def register(app: typer.Typer) -> None:
    """Adds the command to the command line."""
    app.command("comments")(comments)


def comments(film: Film,
             do: Annotated[str | None, typer.Argument(metavar="[add|reply|edit|resolve|reopen|assign|move|delete|export]")] = None,
             words: Annotated[list[str] | None, typer.Argument(metavar="[THREAD] [TEXT|NAME|OUT.csv]")] = None,
             at: Annotated[str | None, typer.Option(help="add, move: where; ticks, timecode, 5.2s or 150f")] = None,
             duration: Annotated[str | None, typer.Option(help="add, move: how long; without it, a point in time")] = None,
             clip: Annotated[str | None, typer.Option(metavar="ID", help="add: the clip it is about")] = None,
             assign: Annotated[str | None, typer.Option(metavar="NAME", help="add: whose task it is")] = None,
             drawing: Annotated[str | None, typer.Option(metavar="JSON", help="add, reply: what is drawn over the picture")] = None,
             opened: Annotated[bool, typer.Option("--open", help="only open ones")] = False,
             mine: Annotated[bool, typer.Option("--mine", help="only what concerns you")] = False,
             tasks: Annotated[bool, typer.Option("--tasks", help="only tasks")] = False,
             resolved: Annotated[bool, typer.Option("--resolved", help="only resolved ones")] = False,
             markers: Annotated[bool, typer.Option("--markers", help="export: as markers of the timeline")] = False,
             as_json: Json = False) -> None:
    """What people say about the film: lists it, or adds to it; comments follow their clip when the film is cut again."""
    from app import bootstrap

    parts = bootstrap.parts()
    given = words or []
    filters = {"opened": opened, "mine": mine, "tasks": tasks, "resolved": resolved}
    if do is None:
        _list(parts, film, filters, as_json)
        return
    if do == "export":
        _export(parts, film, given, markers, filters, as_json)
        return
    if do not in _WORDS or len(given) != _WORDS[do]:
        raise AppError(_SAY)
    options = {"at": at, "duration": duration, "clip": clip, "assign": assign, "drawing": drawing}
    args = _args(do, given, {name: value for name, value in options.items() if value is not None})
    with changing(film, parts) as target:
        done = target.execute(f"comment.{do}", args)
    if as_json:
        put({"comment": given[0], **done} if do != "add" else done)
    else:
        print(done.get("comment", {"resolve": "Resolved", "reopen": "Opened again", "assign": "Assigned", "move": "Moved",
                                   "delete": "Deleted", "edit": "Edited"}.get(do, "Done")))


def _args(do: str, words: list[str], options: dict[str, str]) -> dict[str, Any]:
    takes = {"add": {"at", "duration", "clip", "assign", "drawing"}, "reply": {"drawing"}, "move": {"at", "duration"}}.get(do, set())
    extra = sorted(set(options) - takes)
    if extra:
        raise AppError(f"--{extra[0]} does not go with {do}")
    args: dict[str, Any] = dict(options)
    if "drawing" in args:
        try:
            args["drawing"] = json.loads(args["drawing"])
        except (ValueError, RecursionError) as error:
            raise AppError(f"--drawing is not JSON: {error}") from None
    if do == "add":
        if "at" not in args and "clip" not in args:
            raise AppError("say when: --at 5s, or --clip ID")
        return {"text": words[0], **args}
    args["comment"] = words[0]
    if do in ("reply", "edit"):
        args["text"] = words[1]
    elif do == "assign":
        args["to"] = "" if words[1] in ("-", "nobody") else words[1]
    elif do == "move" and "at" not in args:
        raise AppError("say where to: --at 5s")
    return args


def _list(parts: Parts, film: Path, filters: dict[str, bool], as_json: bool) -> None:
    from app.services.commenting import comment_lines, comments_plain

    with looking(film, parts) as project:
        found = comments_plain(project, **filters)
    if as_json:
        put(found)
    else:
        print("\n".join(comment_lines(found)))


def _export(parts: Parts, film: Path, words: list[str], markers: bool, filters: dict[str, bool], as_json: bool) -> None:
    from app.services.commenting import comments_plain, marker_steps, write_csv

    if len(words) > 1 or bool(words) == markers:
        raise AppError("say `comments FILM export OUT.csv` or `comments FILM export --markers`")
    with looking(film, parts) as project:
        if words:
            rows = write_csv(project, Path(words[0]), **filters)
        else:
            steps = marker_steps(comments_plain(project, **filters))
    if markers:
        if steps:
            with changing(film, parts) as target:
                target.batch(steps, "Markers of comments")
        rows = len(steps)
    if as_json:
        put({"exported": rows, **({"file": words[0]} if words else {})})
    else:
        print(f"{rows} {'markers made' if markers else f'rows written to {words[0]}'}")
