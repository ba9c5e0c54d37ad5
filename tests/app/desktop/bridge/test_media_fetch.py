"""A film whose media are with somebody else is seen in the window by what came so far, and gets its originals when asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.services.device_key import device_key
from editor_core.schema import MediaReference
from render.stand_in import is_stand_in
from tests.app.desktop.desk import Desk
from tests.support.footage import run_ffmpeg
from tests.support.relays import RunningRelay
from tests.support.sharing import Person


@pytest.fixture
def giver(tmp_path: Path) -> Iterator[tuple[Person, RunningRelay, threading.Event]]:
    """Somebody who shares a film with one clip, and gives its media as long as the event is not set."""
    from app.services.collab.media.shelf import shelf_of
    from app.services.collab.syncing import MediaWish, sync
    from render.pool import TaskPool

    source = tmp_path / "lake.mp4"
    run_ffmpeg("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=3", "-f", "lavfi", "-i", "sine=440:duration=3", "-pix_fmt",
               "yuv420p", "-shortest", source)
    with RunningRelay(tmp_path / "relay") as relay:
        ann = Person(tmp_path, "ann")
        ann.make()
        with ann.open() as (_, project), TaskPool(1) as pool:
            described = pool.submit("probe", {"path": str(source), "asset_id": "lake"}).result()
            fields = {key: value for key, value in described.items() if key not in ("id", "type", "deleted")}
            asset = project.door.execute("asset.add", fields).result["asset"]
            project.file.locations.set(asset, source)
            project.door.execute("clip.append", {"asset": asset})
        link = ann.share(relay.address)
        done = threading.Event()

        def give() -> None:
            with ann.open() as (parts, project), TaskPool(1) as pool:
                wish = MediaWish(shelf_of(project, lambda: pool, tmp_path / "ann-cache", None))
                while not done.is_set():
                    sync(project, ann.key, parts.session, 1.0, wish)

        thread = threading.Thread(target=give)
        thread.start()
        ann.link = link  # type: ignore[attr-defined]
        try:
            yield ann, relay, done
        finally:
            done.set()
            thread.join(30)


def test_previews_come_by_themselves_and_originals_when_asked_for(desk: Desk, giver: tuple[Person, RunningRelay, threading.Event]) -> None:
    from app import bootstrap
    from app.services.collab import sharing

    ann = giver[0]
    film = desk.folder / "joined.proedit"
    sharing.join(ann.link, film, device_key(desk.parts.places.config), bootstrap.new_session(),  # type: ignore[attr-defined]
                 desk.parts.profile, making=lambda path: bootstrap.making(desk.parts, path))
    desk.open(film)
    bench = desk.bench
    asset = next(iter(bench.snapshot.of_kind(MediaReference)))
    desk.wait(lambda: bench.together.state == "online")
    desk.wait(lambda: asset.id in bench.fetch.stand_ins or asset.id not in bench.media.offline, 40)
    stand = bench.fetch.stand_ins.get(asset.id)
    assert stand is None or is_stand_in(stand)
    image = desk.wait(lambda: bench.tiles.thumbnail(asset.id, 0, 90, 705_600_000))
    assert abs(image.width() / image.height() - 16 / 9) < 0.05
    bench.actions.trigger("media.fetch_originals")
    desk.wait(lambda: asset.id not in bench.media.offline, 40)
    came = bench.services.project.file.locations.get(asset.id)[0]
    assert came == desk.folder / "joined media" / "lake.mp4"
    assert came.read_bytes() == (ann.folder / "lake.mp4").read_bytes()
    desk.wait(lambda: not bench.fetch.stand_ins)


def test_another_process_has_the_window_fetch_originals(desk: Desk, giver: tuple[Person, RunningRelay, threading.Event]) -> None:
    from app import bootstrap
    from app.services.collab import sharing

    film = desk.folder / "joined.proedit"
    sharing.join(giver[0].link, film, device_key(desk.parts.places.config), bootstrap.new_session(),  # type: ignore[attr-defined]
                 desk.parts.profile, making=lambda path: bootstrap.making(desk.parts, path))
    desk.open(film)
    desk.wait(lambda: desk.bench.together.state == "online" and desk.bench.fetch.active)
    reports: list[dict[str, object]] = []
    asking = threading.Thread(target=lambda: reports.append(desk.bench.together.serve("sync", {"seconds": 0, "media": "originals"})))
    asking.start()
    (report,) = desk.wait(lambda: reports, 60)
    asking.join()
    assert [one["name"] for one in report["media"]["came"] if one["kind"] == "original"] == ["lake.mp4"]
    assert (desk.folder / "joined media" / "lake.mp4").is_file()


def test_an_exchange_of_media_that_breaks_says_so(desk: Desk, giver: tuple[Person, RunningRelay, threading.Event],
                                                  monkeypatch: pytest.MonkeyPatch) -> None:
    from app import bootstrap
    from app.services.collab import sharing
    from app.services.collab.media.exchange import MediaExchange

    async def broken(self: MediaExchange) -> None:
        raise RuntimeError("a planted fault")

    monkeypatch.setattr(MediaExchange, "stay", broken)
    film = desk.folder / "joined.proedit"
    sharing.join(giver[0].link, film, device_key(desk.parts.places.config), bootstrap.new_session(),  # type: ignore[attr-defined]
                 desk.parts.profile, making=lambda path: bootstrap.making(desk.parts, path))
    desk.open(film)
    desk.wait(lambda: "not exchanged any more" in desk.bench.fetch.why)
