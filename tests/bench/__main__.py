"""Runs figures and prints their table: `python -m tests.bench [R1 R2 …] [--pairs N] [--dir DIR] [--json]`.

Owns: finding figures, the table. Refuses: measuring. Exit status 1 when a figure that must hold does not.
"""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import sys
from pathlib import Path
from types import ModuleType

import msgspec
import platformdirs

import tests.bench
from tests.bench.figure import Bench, Row


def figures() -> dict[str, ModuleType]:
    """Modules of this folder that measure something, by figure."""
    modules = [importlib.import_module(f"tests.bench.{info.name}") for info in pkgutil.iter_modules(tests.bench.__path__)
               if not info.name.startswith("_")]
    return {module.FIGURE: module for module in modules if hasattr(module, "FIGURE")}


def table(rows: list[Row]) -> str:
    """The rows in columns."""
    lines = [("", "what", "ours", "peer", "ratio", "must", "")]
    for row in rows:
        lines.append((
            row.figure, row.what, f"{row.ours:.4g} {row.unit}", f"{row.peer:.4g} {row.unit}" if row.peer is not None else "–",
            f"{row.ratio:.2f}" if row.ratio is not None else "–",
            "–" if row.must is None else f"≤ {row.must:g}" + (" ×" if row.by_ratio else f" {row.unit}"),
            {True: "ok", False: "MISSED", None: ""}[row.ok]))
    widths = [max(len(line[column]) for line in lines) for column in range(7)]
    text = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    notes = [f"{row.figure} {row.what}: {row.note}" for row in rows if row.note]
    return "\n".join([*text, *notes])


def main() -> int:
    known = figures()
    parser = argparse.ArgumentParser(prog="tests.bench", description=__doc__)
    parser.add_argument("figures", nargs="*", metavar="FIGURE", help=f"of {', '.join(known)}; all without")
    parser.add_argument("--pairs", type=int, default=5, help="rounds of alternating runs")
    parser.add_argument("--full", action="store_true", help="all of what is promised, where a quick share is measured otherwise")
    parser.add_argument("--only", default="", metavar="PART[,PART]", help="parts of the figure: " + ", ".join(
        f"{name} has {', '.join(module.PARTS)}" for name, module in known.items() if hasattr(module, "PARTS")))
    parser.add_argument("--dir", type=Path, default=Path(platformdirs.user_cache_dir("proeditor-bench")), help="where footage is kept")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of the table")
    given = parser.parse_args()
    unknown = [name for name in given.figures if name not in known]
    if unknown:
        parser.error(f"there is no figure {unknown[0]}; there are {', '.join(known)}")
    only = frozenset(filter(None, given.only.split(",")))
    wrong = only - {part for name in given.figures or known for part in getattr(known[name], "PARTS", ())}
    if wrong:
        parser.error(f"there is no part {sorted(wrong)[0]} in what is to be measured; see --help")
    bench = Bench(given.dir.resolve(), max(1, given.pairs), given.full, only)
    rows: list[Row] = []
    for name in given.figures or known:
        bench.say(f"{name} {known[name].TITLE}")
        rows += known[name].measure(bench)
    if given.json:
        plain = [{**msgspec.to_builtins(row), "ratio": row.ratio, "ok": row.ok} for row in rows]
        print(json.dumps({"rows": plain}, indent=2))
    else:
        print(table(rows))
    return 1 if any(row.ok is False for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
