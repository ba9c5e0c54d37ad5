"""The command line of working together: merging copies, conflicts, versions, branches.

Owns: words, options and what is printed of these commands. Refuses: doing anything itself; services do the work.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli_parts import Film, Json, put


def register(app: typer.Typer) -> None:
    """Adds the commands to the command line."""
    for function in (merge, fingerprint, conflicts, attention, resolve):
        app.command(function.__name__)(function)


def merge(film: Film, other: Annotated[Path, typer.Argument(metavar="OTHER.proedit", help="a copy of it that was edited elsewhere")],
          preview: Annotated[bool, typer.Option("--preview", help="say what would change, and change nothing")] = False,
          as_json: Json = False) -> None:
    """Brings the changes of another copy into a project; the copy stays as it is."""
    from app import bootstrap
    from app.services.merging import merge_copy, merge_lines, open_other

    parts = bootstrap.parts()
    open_other(other, film)
    report: dict[str, Any]
    if preview:
        with bootstrap.reading(parts, film) as mine, bootstrap.reading(parts, other) as theirs:
            report = merge_copy(mine, theirs, keep=False)
    else:
        with bootstrap.target(parts, film) as target:
            report = target.together("merge", {"other": str(other.resolve())})
    if as_json:
        put({**report, "preview": preview})
    else:
        print("\n".join(merge_lines(report, preview)))


def fingerprint(film: Film, as_json: Json = False) -> None:
    """A short text that is the same for copies that hold the same cut."""
    from app import bootstrap
    from editor_core.sync.fingerprint import fingerprint as digest

    with bootstrap.reading(bootstrap.parts(), film) as project:
        found = digest(project.snapshot)
    if as_json:
        put({"fingerprint": found})
    else:
        print(found)


def conflicts(film: Film, as_json: Json = False) -> None:
    """Where people wrote different things without knowing of each other, and nobody has decided yet."""
    from app import bootstrap
    from app.services.deciding import conflict_lines, conflicts_plain

    with bootstrap.reading(bootstrap.parts(), film) as project:
        found = conflicts_plain(project)
    if as_json:
        put({"conflicts": found})
    else:
        print("\n".join(conflict_lines(found)))


def attention(film: Film, as_json: Json = False) -> None:
    """What a merge left for a person to look at, each with commands that would put it right."""
    from app import bootstrap
    from app.services.deciding import attention_lines, attention_plain

    with bootstrap.reading(bootstrap.parts(), film) as project:
        found = attention_plain(project)
    if as_json:
        put({"attention": found})
    else:
        print("\n".join(attention_lines(found)))


def resolve(film: Film, conflict: Annotated[str, typer.Argument(metavar="CONFLICT", help="its id, from `proeditor conflicts`")],
            choice: Annotated[str, typer.Argument(metavar="mine|theirs|merge|both", help="what shall stand")],
            as_json: Json = False) -> None:
    """Decides a conflict for everybody; `proeditor undo` takes the decision back."""
    from app import bootstrap

    with bootstrap.target(bootstrap.parts(), film) as target:
        done = target.together("resolve", {"conflict": conflict, "choice": choice})
    if as_json:
        put(done)
    else:
        print(f"Decided {conflict}: {choice}; {done['open']} open")
