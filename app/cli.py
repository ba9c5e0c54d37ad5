"""The command line: a public contract that scripts and checks use.

Owns: words, options, exit status, what is printed. Refuses: doing anything itself; services and commands do the work.
Errors are one or two plain lines on standard error; exit status 0 means success and nothing else. Heavy parts are imported
only by the commands that need them.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.exceptions import TyperException

from app import cli_comments, cli_share, cli_together
from app.cli_parts import Film, Json, changing, fail, loading, looking, put
from app.services.errors import AppError

if TYPE_CHECKING:
    from app.services.open_project import Target
    from render.nursery import Nursery

_STOPPED = 130
"""Exit status after Ctrl+C, as shells have it; Typer returns it by itself."""

app = typer.Typer(add_completion=False, no_args_is_help=False, rich_markup_mode=None, pretty_exceptions_enable=False,
                  help="ProEditor: an open, local-first video editor. `proeditor FILM.proedit` opens the window.")


def main(argv: list[str] | None = None) -> None:
    """Entry point of `proeditor`. Exits the process."""
    words = list(sys.argv[1:] if argv is None else argv)
    if unreadable := next((word for word in (words[:2] if words[:1] == ["import"] else words) if not _is_text(word)), ""):
        shown = unreadable.encode(errors="surrogateescape").decode(errors="replace")
        sys.exit(fail(f"{shown} is not UTF-8; give the file or the folder another name", 2))
    if not words or (not words[0].startswith("-") and words[0] not in _names()):
        if words and not _is_film(words[0]):
            sys.exit(_no_such_command(words[0]))
        words = ["open", *words]
    with loading(words) as nursery:
        code = _run(words, nursery)
    sys.exit(code)


def _is_text(word: str) -> bool:
    """Whether a word can be kept in a project and handed to a media process; `import` says it of each file by itself."""
    try:
        word.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_film(word: str) -> bool:
    """Whether a first word names a file to open rather than a mistyped command."""
    return not word.isidentifier() or Path(word).exists()


def _no_such_command(word: str) -> int:
    from difflib import get_close_matches

    near = get_close_matches(word, sorted(_names()), 1)
    return fail(f"There is no command {word!r}" + (f"; did you mean {near[0]}?" if near else "; `proeditor --help` lists them all"), 2)


def _names() -> set[str]:
    return {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}


def _run(words: list[str], nursery: Nursery | None = None) -> int:
    from editor_core.commands.registry import CommandError
    from editor_core.document import DocumentError
    from editor_core.schema import SchemaError
    from editor_core.storage import StorageError
    from editor_core.timing import TimingError

    try:
        result = app(words, standalone_mode=False, prog_name="proeditor", obj=nursery)
    except typer.Exit as leave:
        return leave.exit_code
    except (typer.Abort, KeyboardInterrupt):
        return _stopped(words[0])
    except TyperException as error:
        said = error.format_message() if hasattr(error, "format_message") else str(error)
        about = f"{words[0]} " if words[0] in _names() - {"open"} else ""
        return fail(f"{said}\n`proeditor {about}--help` says how", 2)
    except (AppError, CommandError, DocumentError, SchemaError, StorageError, TimingError) as error:
        return fail(str(error))
    except BrokenPipeError:
        return 0
    except OSError as error:
        return fail((f"{error.filename}: " if error.filename else "") + (error.strerror or str(error)))
    except Exception as error:
        return _unexpected(error)
    if result == _STOPPED:
        return _stopped(words[0])
    return result if isinstance(result, int) else 0


def _stopped(word: str) -> int:
    """After Ctrl+C."""
    return fail("stopped" + ("; what is finished is kept, export again to go on" if word == "export" else ""), _STOPPED)


def _unexpected(error: Exception) -> int:
    import logging

    from app.bootstrap import start_log
    from app.services.places import Places

    logs = Places.find().logs
    start_log(logs)
    logging.getLogger(__name__).error("unexpected", exc_info=error)
    return fail(f"{type(error).__name__}: {error}\nDetails are in {logs / 'proeditor.log'}")


def size(text: str) -> tuple[int, int]:
    """`1920x1080` as (width, height). Raises AppError."""
    width, cross, height = text.lower().partition("x")
    if not cross or not width.isdecimal() or not height.isdecimal():
        raise AppError(f"--size {text!r} is not a frame size; write 1920x1080")
    return int(width), int(height)


@app.command("open", hidden=True)
def open_window(film: Annotated[Path | None, typer.Argument()] = None) -> int:
    """The window, with a project or the welcome page."""
    from app import bootstrap

    return bootstrap.run_window(film)


@app.command()
def demo(folder: Annotated[Path | None, typer.Option("--dir", help="where the sample film is made")] = None,
         headless: Annotated[bool, typer.Option("--headless", help="make, export and verify without a window")] = False) -> int:
    """The sample film: create it, then open it in the window, or export and verify it."""
    from app import bootstrap
    from app.services.demo import make_demo, prove_demo, sample_folder
    from app.services.display import has_display

    parts = bootstrap.parts()
    film = make_demo(folder or sample_folder(), lambda path: bootstrap.create_sample(parts, path), bootstrap.task_pool)
    if not headless and has_display():
        return bootstrap.run_window(film)
    with bootstrap.reading(parts, film) as project:
        return prove_demo(project)


@app.command()
def new(film: Film, shape: Annotated[str, typer.Option("--size", help="frame size in pixels")] = "1920x1080",
        rate: Annotated[str, typer.Option(help="frames a second: 25 or 30000/1001")] = "25",
        audio_rate: Annotated[int, typer.Option(help="samples a second")] = 48000) -> None:
    """Makes a project with one picture track (V1) and one sound track (A1)."""
    from app import bootstrap

    width, height = size(shape)
    bootstrap.create_project(bootstrap.parts(), film, width=width, height=height, rate=rate, audio_rate=audio_rate).close()
    print(f"Made {film}")


@app.command("import")
def import_media(film: Film, media: Annotated[list[Path], typer.Argument(metavar="FILE...", help="files or folders")],
                 as_json: Json = False) -> int:
    """Takes video, sound and stills into a project."""
    from app import bootstrap
    from app.services.importing import import_files
    from editor_core.edits.wording import one_line

    parts = bootstrap.parts()
    with changing(film, parts) as target, bootstrap.task_pool() as pool, bootstrap.library(parts) as library:
        taken = import_files(media, pool, target.add_media, library)
    good, bad = [i for i in taken if not i.error], [i for i in taken if i.error]
    if as_json:
        keys = ("asset", "name", "duration", "seconds", "kind", "warnings")
        put({"assets": [{key: getattr(item, key) for key in keys} for item in good],
             "errors": [{"file": item.path, "message": item.error} for item in bad]})
    else:
        for item in good:
            print(f"{item.asset}  {one_line(item.name)}  {item.seconds:.2f} s  {item.kind}" + "".join(f"\n    {w}" for w in item.warnings))
    if not taken:
        return fail("no media files were found there")
    for item in bad:
        fail(one_line(item.error))
    return 1 if bad else 0


@app.command()
def commands(as_json: Json = False) -> None:
    """Every command: id, title, help, and the JSON Schema of its arguments and result."""
    from app import bootstrap

    registry = bootstrap.commands()
    if as_json:
        put([spec.describe() for spec in registry])
        return
    for spec in registry:
        print(f"{spec.id:24}  {spec.title}\n{'':26}{spec.help}")


@app.command()
def run(film: Film, command: Annotated[str | None, typer.Argument(metavar="COMMAND")] = None,
        args: Annotated[str | None, typer.Argument(metavar="JSON", help="the command's arguments")] = None,
        script: Annotated[str | None, typer.Option(metavar="FILE.jsonl", help="many commands, one a line; - reads standard input")] = None,
        atomic: Annotated[bool, typer.Option("--atomic", help="all lines of the script or none")] = False,
        live: Annotated[bool, typer.Option("--live", help="stay connected to the room of a shared project meanwhile")] = False,
        as_json: Annotated[bool, typer.Option("--json", help="as everywhere; results are JSON in any case")] = False) -> None:
    """Runs one command, or a script of them; results are JSON on standard output."""

    if (command is None) == (script is None):
        raise AppError("give either a COMMAND with its JSON, or --script FILE.jsonl")
    if atomic and script is None:
        raise AppError("--atomic goes with --script")

    def work(target: Target) -> None:
        if command is not None:
            put(target.execute(command, _object(args)))
        else:
            _script(target, script or "-", atomic)

    if live:
        cli_share.live(film, work)
        return
    with changing(film) as target:
        work(target)


def _object(text: str | None) -> dict[str, Any]:
    if text is None:
        return {}
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise AppError(f"the arguments are not JSON: {error}") from None
    if not isinstance(value, dict):
        raise AppError('the arguments must be a JSON object, as in {"at": "5s"}')
    return value


def _script(target: Target, name: str, atomic: bool) -> None:
    from app.services.open_project import REFUSALS
    from app.services.script import run_lines

    lines = sys.stdin if name == "-" else Path(name).open(encoding="utf-8")  # noqa: SIM115
    with lines:
        try:
            if atomic:
                for _, result in target.batch(list(lines), "Script" if name == "-" else f"Script {Path(name).name}"):
                    put(result)
            else:
                for _, result in run_lines(lines, target.execute, REFUSALS):
                    put(result)
        except UnicodeDecodeError:
            raise AppError(f"{name} is not a text file in UTF-8") from None


@app.command()
def show(film: Film, as_json: Json = False) -> None:
    """The timeline as an outline a person can read, or as JSON."""
    from editor_core.timeline.outline import as_json as plain_outline
    from editor_core.timeline.outline import outline

    with looking(film) as project:
        if as_json:
            put(plain_outline(project.snapshot))
        else:
            print(outline(project.snapshot))


@app.command()
def frame(film: Film, at: Annotated[str, typer.Option(help="time: ticks, timecode, 5.2s or 150f")],
          out: Annotated[Path, typer.Option("-o", "--out", help="the picture to write, .png")],
          scale: Annotated[float, typer.Option(help="size against the timeline's, 0.05 to 4")] = 1.0) -> None:
    """One frame of the film as a PNG picture, drawn as the export draws it."""
    from app import bootstrap
    from app.services.stills import write_still

    with looking(film) as project, bootstrap.task_pool(1) as pool:
        for line in write_still(project, pool, at, out, scale):
            print(f"proeditor: {line}", file=sys.stderr)


@app.command()
def export(context: typer.Context, film: Film, out: Annotated[Path, typer.Argument(metavar="OUT", help="the file to write")],
           preset: Annotated[str | None, typer.Option(help="see `proeditor presets`; without it, by the ending of OUT")] = None,
           settings: Annotated[list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="a setting of the preset")] = None,
           start: Annotated[str | None, typer.Option("--in", help="where to begin")] = None,
           end: Annotated[str | None, typer.Option("--out", help="where to end")] = None,
           workers: Annotated[int | None, typer.Option(min=1, max=64, help="worker processes; they draw the same pictures however "
                                                       "many they are, but an encoder's bytes depend on their number")] = None,
           allow_slates: Annotated[bool, typer.Option("--allow-slates", help="export slates where media is missing")] = False,
           as_json: Json = False) -> int:
    """Exports the film, or a range of it, to a file. Interrupted, it goes on where it was when run again."""
    from render.export.workers import default_workers, export_pool

    count = workers or default_workers()
    with export_pool(count, context.obj) as pool, looking(film) as project:  # workers load while the project is opened
        from app.services.exporting import export_film

        result = export_film(project, out, preset, settings or [], start, end, count, allow_slates, quiet=as_json, pool=pool)
    if as_json:
        put(result)
    else:
        print(f"Exported {result['frames']} frames, {result['seconds']:.2f} s, to {out}")
    return 0


@app.command()
def verify(out: Annotated[Path, typer.Argument(metavar="OUT", help="the exported file")],
           against: Annotated[Path, typer.Option(metavar="FILM.proedit", help="the project it was made from")],
           as_json: Json = False) -> int:
    """Opens an exported file again and compares it with the timeline. Exit status 1 if anything differs."""
    from app.services.exporting import report_lines, verify_film

    with looking(against) as project:
        report = verify_film(project, out, quiet=as_json)
    if as_json:
        put(report)
    else:
        print("\n".join(report_lines(report)))
    if not report["ok"]:
        wrong = ", ".join(check["title"] for check in report["checks"] if not check["ok"])
        return fail(f"{out.name} is not what the timeline says: {wrong or 'see the report'}")
    return 0


@app.command()
def history(film: Film, as_json: Json = False) -> None:
    """What was done to the project, by whom, when; undone steps are marked."""
    from app.services.listing import history_lines, history_plain

    with looking(film) as project:
        if as_json:
            put(history_plain(project))
        else:
            print("\n".join(history_lines(project)) or "Nothing changed yet")


@app.command()
def undo(film: Film) -> None:
    """Takes back your last gesture."""
    _take_back(film, "edit.undo")


@app.command()
def redo(film: Film) -> None:
    """Does again what was undone last."""
    _take_back(film, "edit.redo")


def _take_back(film: Path, command: str) -> None:

    with changing(film) as target:
        put(target.execute(command, {}))


@app.command()
def presets(as_json: Json = False) -> None:
    """Export presets with their settings."""
    from app.services.exporting import preset_lines, presets_plain

    if as_json:
        put(presets_plain())
    else:
        print("\n".join(preset_lines()))


@app.command()
def problems(film: Film, as_json: Json = False) -> None:
    """What needs attention in a project: missing media, repairs made on opening, broken rules."""
    from app import bootstrap
    from app.services.listing import problems_plain
    from app.services.replaced import quick_hashes
    from editor_core.edits.wording import one_line

    with bootstrap.reading(bootstrap.parts(), film) as project, bootstrap.task_pool(1) as pool:
        found = problems_plain(project, lambda paths: quick_hashes(pool, paths))
    if as_json:
        put({"problems": found})
    elif not found:
        print("No problems")
    else:
        for item in found:
            print(one_line(f"{item['kind']}: {item['message']}") + (f"\n    {item['fix']}" if item.get("fix") else ""))


cli_comments.register(app)
cli_together.register(app)
cli_share.register(app)


if __name__ == "__main__":
    main()
