"""What every part of the command line uses: common arguments, and the two ways to say something.

Owns: the project argument, `--json`, printing JSON, printing errors. Refuses: commands.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

Film = Annotated[Path, typer.Argument(metavar="FILM.proedit", help="the project file")]
Json = Annotated[bool, typer.Option("--json", help="print one JSON document")]


def fail(message: str, status: int = 1) -> int:
    """Says an error in plain lines and returns the exit status."""
    lines = [line for line in message.strip().splitlines() if line.strip()] or ["something went wrong"]
    print("proeditor: " + "\n  ".join(lines[:2]), file=sys.stderr)
    return status


def put(value: Any) -> None:
    """One JSON document on standard output, flushed."""
    print(json.dumps(value, ensure_ascii=False), flush=True)
