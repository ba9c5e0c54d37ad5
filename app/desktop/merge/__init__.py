"""The merge that is watched before it is accepted: a page over the workspaces.

Owns: the page's parts, having them at hand before they are wanted. Refuses: working the merge out (see `app.services.reviewing`).
"""

from __future__ import annotations

import importlib
import threading


def at_hand() -> None:
    """Has the page's modules read, beside the thread that calls: a page that opens should not wait for that."""
    threading.Thread(target=importlib.import_module, args=("app.desktop.merge.page",), name="merge page", daemon=True).start()
