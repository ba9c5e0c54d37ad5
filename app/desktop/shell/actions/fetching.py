"""Media that come from others.

Owns: the actions for it. Refuses: the exchange (see `bridge.media_fetch`).
"""

from __future__ import annotations

from app.desktop.bridge import Workbench, action


def _room(bench: Workbench) -> str:
    if bench.together.state == "off":
        return "This project is not shared"
    return bench.fetch.why or ("" if bench.together.state == "online" else "There is no connection now")


def _originals(bench: Workbench) -> str:
    if not bench.media.offline:
        return "Every original is on this computer"
    return _room(bench) or ("The connection is metered" if bench.fetch.metered else "")


@action("media.fetch_originals", "Fetch originals", menu="Collaborate", icon="download", reason=_originals,
        checked=lambda bench: bench.fetch.wants_originals)
def fetch_originals(bench: Workbench) -> None:
    """Gets the original files that others in the room have, for export; until then proxies stand in for them."""
    bench.fetch.fetch_originals()
    bench.say("Originals come in the background; Media shows how far they are", "info")


@action("media.metered", "Metered connection", menu="Collaborate", icon="gauge", checked=lambda bench: bench.fetch.metered)
def metered(bench: Workbench) -> None:
    """Small previews alone come and go, until you switch this off."""
    bench.fetch.set_metered(not bench.fetch.metered)
