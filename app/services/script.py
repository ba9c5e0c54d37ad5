"""Scripts: many commands from lines of JSON, each able to use results of earlier lines.

Owns: reading lines, `$N.field` references, the order of running. Refuses: running commands itself; the caller gives `execute`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from app.services.errors import AppError

_REFERENCE = re.compile(r"^\$(\d+)(\.[^\W\d]\w*(?:\.\w+)*)$")  # a result's first name is a word: "$1.50" is a price, so is "$5"
MAX_LINE = 4 * 1024 * 1024


class ScriptError(AppError):
    """A line that cannot be run; `line` is its number, from 1."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"line {line}: {message}")
        self.line = line


def steps(lines: Iterable[str]) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """(line number, command, arguments) of each line that is not empty or a `#` comment. Raises ScriptError."""
    for number, text in enumerate(lines, 1):
        words = text.removeprefix("\ufeff").strip()  # some editors begin a file with it
        if not words or words.startswith("#"):
            continue
        if len(words) > MAX_LINE:
            raise ScriptError(number, "longer than 4 MiB")
        try:
            step = json.loads(words)
        except (ValueError, RecursionError) as error:
            raise ScriptError(number, f"not JSON ({error})") from None
        if not isinstance(step, dict) or not isinstance(step.get("command"), str):
            raise ScriptError(number, 'write {"command": "clip.append", "args": {…}}')
        extra = set(step) - {"command", "args"}
        if extra:
            raise ScriptError(number, f"unknown key {sorted(extra)[0]!r}; only command and args are read")
        args = step.get("args") or {}
        if not isinstance(args, dict):
            raise ScriptError(number, "args must be an object")
        yield number, step["command"], args


def resolve(value: Any, results: dict[int, Any], line: int) -> Any:
    """A copy of `value` in which every text `$N.field` is the result of line N (dots go deeper, numbers index lists)."""
    if isinstance(value, dict):
        return {key: resolve(inner, results, line) for key, inner in value.items()}
    if isinstance(value, list):
        return [resolve(inner, results, line) for inner in value]
    if not isinstance(value, str) or not (match := _REFERENCE.match(value)):
        return value
    number = int(match[1])
    if number not in results:
        raise ScriptError(line, f"{value} refers to line {number}, which has no result before this line")
    found = results[number]
    for part in match[2].split(".")[1:]:
        try:
            found = found[int(part)] if isinstance(found, list) else found[part]
        except (KeyError, IndexError, ValueError, TypeError):
            have = ", ".join(map(str, found)) if isinstance(found, dict) else type(found).__name__
            raise ScriptError(line, f"{value}: line {number} has no {part!r}, only {have or 'nothing'}") from None
    return found


def run_lines(lines: Iterable[str], execute: Callable[[str, dict[str, Any]], Any],
              refusals: tuple[type[Exception], ...]) -> Iterator[tuple[int, Any]]:
    """Runs every line in order and yields (line number, result).

    Raises ScriptError at the first line that cannot be read or that `execute` refuses with one of `refusals`.
    """
    results: dict[int, Any] = {}
    for number, command, args in steps(lines):
        try:
            results[number] = execute(command, resolve(args, results, number))
        except ScriptError:
            raise
        except refusals as error:
            raise ScriptError(number, str(error)) from error
        yield number, results[number]
