"""Declaring commands and finding them.

Owns: the `command` decorator, CommandSpec, discovery by package walk, JSON Schema of arguments and results.
Refuses: running them (see `door`).
"""

from __future__ import annotations

import importlib
import pkgutil
import typing
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import msgspec

import editor_core.commands


class CommandError(Exception):
    """A command that was refused; the message says what and what would do. Nothing has changed."""


class Args(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Base of command arguments. Each field is declared with its unit in `Meta(description=…)`."""


class Nothing(msgspec.Struct, frozen=True):
    """The result of a command that has nothing to tell: `{}`."""


class CommandSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A declared command. `menu` is where it stands, as in `Clip`; empty keeps it out of menus. `icon` as in icons.md."""

    id: str
    title: str
    help: str
    run: Callable[[Any, Any], Any]
    args: type[Args]
    result: type
    menu: str = ""
    icon: str = ""

    def describe(self) -> dict[str, Any]:
        """id, title, help and JSON Schema of arguments and result, as plain values."""
        return {"id": self.id, "title": self.title, "help": self.help, "menu": self.menu, "icon": self.icon,
                "args": _schema(self.args), "result": _schema(self.result)}


def _schema(kind: type) -> dict[str, Any]:
    """JSON Schema of a struct with its properties at the top, where readers look first; what they refer to is in `$defs`."""
    (top,), parts = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")
    name = top["$ref"].rsplit("/", 1)[1]
    return parts[name] | ({"$defs": rest} if (rest := {key: part for key, part in parts.items() if key != name}) else {})


F = typing.TypeVar("F", bound=Callable[..., Any])


def command(command_id: str, title: str, *, menu: str = "", icon: str = "") -> Callable[[F], F]:
    """Declares `function(ctx, args: SomeArgs) -> SomeResult` as a command; its docstring is the help text."""

    def declare(function: F) -> F:
        function.__command__ = (command_id, title, menu, icon)  # type: ignore[attr-defined]
        return function

    return declare


class Registry:
    """Commands by id."""

    def __init__(self, specs: Iterator[CommandSpec] | list[CommandSpec]) -> None:
        self._specs: dict[str, CommandSpec] = {}
        for spec in specs:
            self.add(spec)

    def add(self, spec: CommandSpec) -> None:
        """Adds a command. Raises ValueError if the id is taken: two files claim one verb."""
        if spec.id in self._specs:
            raise ValueError(f"two commands are called {spec.id!r}")
        self._specs[spec.id] = spec

    def get(self, command_id: str) -> CommandSpec:
        """Raises CommandError naming near ones."""
        spec = self._specs.get(command_id)
        if spec is None:
            import difflib

            near = difflib.get_close_matches(command_id, self._specs, n=3)
            hint = f"; did you mean {' or '.join(near)}?" if near else "; `proeditor commands` lists them all"
            raise CommandError(f"There is no command {command_id!r}{hint}")
        return spec

    def __iter__(self) -> Iterator[CommandSpec]:
        return iter(sorted(self._specs.values(), key=lambda spec: spec.id))


def discover(package: ModuleType = editor_core.commands) -> Registry:
    """All commands declared in the modules of a package."""
    found: list[CommandSpec] = []
    for info in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        module = importlib.import_module(info.name)
        for thing in list(vars(module).values()):
            declared = getattr(thing, "__command__", None)
            if declared is not None and thing.__module__ == module.__name__:
                found.append(_spec(thing, declared))
    return Registry(found)


def _spec(function: Callable[..., Any], declared: tuple[str, str, str, str]) -> CommandSpec:
    hints = typing.get_type_hints(function, include_extras=True)
    command_id, title, menu, icon = declared
    result = hints.get("return", Nothing)
    text = " ".join((function.__doc__ or "").split())
    if not text:
        raise ValueError(f"command {command_id} has no help text")
    return CommandSpec(id=command_id, title=title, help=text, run=function, args=hints["args"],
                       result=Nothing if result is type(None) else result, menu=menu, icon=icon)
