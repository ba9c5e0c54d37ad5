"""The command line of working together: merging copies, conflicts, versions, branches.

Owns: words, options and what is printed of these commands. Refuses: doing anything itself; services do the work.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli_parts import Film, Json, changing, fail, looking, put


def register(app: typer.Typer) -> None:
    """Adds the commands to the command line."""
    for function in (merge, fingerprint, conflicts, attention, resolve, blame, versions, branch):
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
        with looking(film, parts) as mine, looking(other, parts) as theirs:
            report = merge_copy(mine, theirs, keep=False)
    else:
        with changing(film, parts) as target:
            report = target.together("merge", {"other": str(other.resolve())})
        for problem in report["problems"]:  # a preview has said so already
            fail(problem)
    if as_json:
        put({**report, "preview": preview})
    else:
        print("\n".join(merge_lines(report, preview)))


def fingerprint(film: Film, as_json: Json = False) -> None:
    """A short text that is the same for copies that hold the same cut."""
    from editor_core.sync.fingerprint import cut_fingerprint as digest

    with looking(film) as project:
        found = digest(project.snapshot)
    if as_json:
        put({"fingerprint": found})
    else:
        print(found)


def conflicts(film: Film, as_json: Json = False) -> None:
    """Where people wrote different things without knowing of each other, and nobody has decided yet."""
    from app.services.deciding import conflict_lines, conflicts_plain

    with looking(film) as project:
        found = conflicts_plain(project)
    if as_json:
        put({"conflicts": found})
    else:
        print("\n".join(conflict_lines(found)))


def attention(film: Film, as_json: Json = False) -> None:
    """What a merge left for a person to look at, each with commands that would put it right."""
    from app.services.deciding import attention_lines, attention_plain

    with looking(film) as project:
        found = attention_plain(project)
    if as_json:
        put({"attention": found})
    else:
        print("\n".join(attention_lines(found)))


def resolve(film: Film, conflict: Annotated[str, typer.Argument(metavar="CONFLICT", help="its id, from `proeditor conflicts`")],
            choice: Annotated[str, typer.Argument(metavar="mine|theirs|merge|both", help="what shall stand; of several values also the "
                                                  "stamp of one, from `proeditor conflicts`")],
            as_json: Json = False) -> None:
    """Decides a conflict for everybody; `proeditor undo` takes the decision back."""

    with changing(film) as target:
        done = target.together("resolve", {"conflict": conflict, "choice": choice})
    if as_json:
        put(done)
    else:
        aside = f"; {len(done['aside'])} on a new track, where its place was taken" if done["aside"] else ""
        print(f"Decided {conflict}: {choice}; {done['open']} open{aside}")


def blame(film: Film, clip: Annotated[str, typer.Argument(metavar="CLIP", help="a clip's id")],
          restore: Annotated[str | None, typer.Option("--restore", metavar="STAMP", help="bring the clip to how it was after this step "
                                                      "(the id in the list), as an edit that can be undone")] = None,
          as_json: Json = False) -> None:
    """Who changed what of a clip, when, by which command, from which session."""
    from app.services.blaming import blame_lines, blame_plain

    if restore:
        with changing(film) as target:
            done = target.together("blame.restore", {"clip": clip, "stamp": restore})
        if as_json:
            put(done)
        else:
            print(f"Restored {', '.join(done['fields']) or 'nothing: it is as it was'}" + ("; it lies on a new track" if done["lifted"] else
                  "; it stays where it is, because its old place is taken" if done["stayed"] else ""))
        return
    with looking(film) as project:
        found = blame_plain(project, clip)
    if as_json:
        put({"clip": clip, "changes": found})
    else:
        print("\n".join(blame_lines(found)))


def versions(film: Film, do: Annotated[str | None, typer.Argument(metavar="[list|save|restore|drop|compare]")] = None,
             name: Annotated[str | None, typer.Argument(metavar="NAME")] = None,
             other: Annotated[str | None, typer.Argument(metavar="OTHER", help="compare: the second version; `now` is the film")] = None,
             replace: Annotated[bool, typer.Option("--replace", help="save: over the version of that name, if there is one")] = False,
             as_json: Json = False) -> None:
    """Versions of the film: lists them, saves one, brings one back as edits that can be undone, drops one, or compares two.

    Others are kept by themselves: while you edit, and before a merge, a restore and a large script. All of the last hour stay, then one
    an hour for a day, then one a day. Versions belong to the file; a shared room does not hold them.
    """
    from app import bootstrap
    from app.services import versions as service
    from app.services.errors import AppError

    parts = bootstrap.parts()
    if do in (None, "list"):
        with looking(film, parts) as project:
            found = service.versions_plain(project)
        if as_json:
            put({"versions": found})
        else:
            print("\n".join(service.version_lines(found)))
        return
    if do not in ("save", "restore", "drop", "compare") or not name:
        raise AppError("say `versions FILM`, or one of list, save NAME, restore NAME, drop NAME, compare NAME [OTHER]")
    if replace and do != "save":
        raise AppError("--replace goes with `versions FILM save NAME`")
    if do == "compare":
        with looking(film, parts) as project:
            report = service.compare_versions(project, name, other or "now")
        if as_json:
            put(report)
        else:
            print("\n".join(service.compare_lines(report, name, other or "now")))
        return
    with changing(film, parts) as target:
        done = target.together(f"version.{do}", {"name": name, **({"replace": True} if replace else {})})
    if as_json:
        put(done)
    else:
        print({"save": f"Saved {name}", "drop": f"Dropped {name}"}.get(str(do)) or f"Restored {name}: {done['changed']} records changed")


def branch(film: Film, do: Annotated[str, typer.Argument(metavar="list|new|switch|compare|merge|drop")] = "list",
           name: Annotated[str | None, typer.Argument(metavar="NAME")] = None,
           other: Annotated[str | None, typer.Argument(metavar="OTHER", help="compare: the second branch")] = None,
           changes: Annotated[str | None, typer.Option("--changes", metavar="ID,…", help="merge: only these changes and what they need; "
                                                       "ids are those of `compare`")] = None,
           as_json: Json = False) -> None:
    """Branches of the film, to try a version: list, new NAME, switch NAME, compare A B, merge NAME, drop NAME.

    With --changes, a merge takes only some of a branch's changes, as an edit that can be undone; the rest can be merged later.
    """
    from app.services.errors import AppError

    if do not in ("list", "new", "switch", "compare", "merge", "drop") or (do != "list" and not name) or (do == "compare" and not other):
        raise AppError("say `branch FILM`, or one of new NAME, switch NAME, compare A B, merge NAME, drop NAME")
    if changes is not None and do != "merge":
        raise AppError("--changes says what `branch FILM merge NAME` shall take")
    done, lines = _branch(film, do, name or "", other or "", [one.strip() for one in (changes or "").split(",") if one.strip()])
    if as_json:
        put(done)
    else:
        print("\n".join(lines))


def _branch(film: Path, do: str, name: str, other: str, changes: list[str]) -> tuple[dict[str, Any], list[str]]:
    from app import bootstrap
    from app.services import branch_picks, branches
    from app.services.errors import AppError
    from app.services.merging import merge_lines
    from app.services.open_project import LocalTarget

    parts = bootstrap.parts()
    if do == "list":
        with looking(film, parts):
            found = branches.names(film)
        return {"branches": found, "current": found[0]}, [f"* {found[0]}", *(f"  {one}" for one in found[1:])]
    if do == "drop":
        return branches.drop(film, name), [f"Dropped {name}"]
    if do == "compare":
        with looking(branches.path_of(film, name), parts) as first, looking(branches.path_of(film, other), parts) as b:
            report = branches.compare(first, b)
        counted = ", ".join(f"{count} {kind}" for kind, count in report["totals"].items() if count) or "nothing differs"
        return report, [f"From {name} to {other}: {counted}",
                        *(f"  {one['kind']:8} {one['what']:10} {one['timecode']}  {one['name']}  [{one['id']}]"
                          for one in report["changes"])]
    with changing(film, parts) as target:
        if do == "switch":
            if not isinstance(target, LocalTarget):
                raise AppError("The film is open in a window, or a command is connected with it (`sync`, `run --live`); end that first")
            return branches.switch(target.project, name), [f"The film is {name} now"]
        done = target.together(f"branch.{do}", {"name": name, **({"changes": changes} if changes else {})})
    if do == "merge" and changes:
        return done, branch_picks.pick_lines(done, name)
    return done, merge_lines(done, False) if do == "merge" else [f"Made branch {name}"]
