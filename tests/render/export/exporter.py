"""An export in a process of its own, to be killed: `python -m tests.render.export.exporter JOB.json [WORKERS]`.

Owns: reading the job and printing what came of it as JSON. Refuses: anything else.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from editor_core.document import Snapshot
from render.export import film
from render.export.errors import ExportError
from render.export.export import export
from render.export.workers import export_pool


def write_job(folder: Path, snapshot: Snapshot, locations: Mapping[str, Path], out: Path, settings: Mapping[str, Any]) -> Path:
    """Everything the process needs, as files in `folder`; the path of the job."""
    (folder / "records").write_bytes(film.encode([r for r in snapshot.records.values() if not r.deleted]))
    job = folder / f"{out.parent.name}.json"
    job.write_text(json.dumps({"records": str(folder / "records"), "locations": {name: str(path) for name, path in locations.items()},
                               "out": str(out), "settings": dict(settings)}))
    return job


def main(job_path: str, workers: int = 2) -> int:
    job = json.loads(Path(job_path).read_text())
    snapshot = film.decode(Path(job["records"]).read_bytes())
    try:
        with export_pool(workers) as pool:
            result = export(snapshot, {name: Path(path) for name, path in job["locations"].items()}, Path(job["out"]),
                            settings=job["settings"], workers=workers, pool=pool)
    except ExportError as error:
        print(json.dumps({"error": type(error).__name__, "message": str(error)}))
        return 1
    print(json.dumps({"kept": result.kept, "frames": result.frames}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *map(int, sys.argv[2:])))
