"""Media go from those who have them to those who lack them, in pieces that are checked, over a real relay."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.services.collab.media import giving as giving_module
from app.services.collab.media.exchange import MediaExchange
from app.services.collab.media.holdings import free_name, safe_name
from assets.pieces import PIECE
from editor_core.sync.sealing import new_room_key
from tests.support.media_machines import Machine, OneKey, Room, film_bytes, media_of
from tests.support.relays import RunningRelay


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory):
    with RunningRelay(tmp_path_factory.mktemp("relay")) as relay:
        yield Room(relay)


async def beside(giver: MediaExchange, *getters: MediaExchange, within: float = 40) -> None:
    serving = [asyncio.ensure_future(one.stay()) for one in (giver,)]
    try:
        async with asyncio.timeout(within):
            while not giver.online:
                await asyncio.sleep(0.01)
            await asyncio.gather(*(one.until_idle() for one in getters))
    finally:
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)


def test_an_original_comes_whole_from_two_who_have_it(room: Room, tmp_path: Path) -> None:
    raw = film_bytes(9 * PIECE + 12345)
    reference = media_of(raw)
    machines = []
    for number in range(2):
        one = Machine(tmp_path / f"giver{number}", room, [reference], 100 + number)
        one.folder.mkdir()
        path = one.folder / "mine.mov"
        path.write_bytes(raw)
        one.paths["a1"] = [path]
        machines.append(one)
    getter = Machine(tmp_path / "getter", room, [reference], 102)

    async def work() -> tuple[MediaExchange, list[MediaExchange]]:
        givers = [one.exchange() for one in machines]
        wanting = getter.exchange("originals")
        tasks = [asyncio.ensure_future(one.stay()) for one in givers]
        while not all(one.online for one in givers):
            await asyncio.sleep(0.01)
        async with asyncio.timeout(40):
            await wanting.until_idle()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return wanting, givers

    wanting, givers = asyncio.run(work())
    assert getter.paths["a1"][0].read_bytes() == raw
    assert getter.paths["a1"][0] == tmp_path / "getter" / "film media" / "Harbour.mov"
    assert all(one.giving.given > 0 for one in givers), "both gave"
    assert sum(one.giving.given for one in givers) <= len(raw) + 20_000, "no piece came twice"
    report = wanting.done()
    assert {kind for _, kind, _ in report.came} == {"preview", "proxy", "original"} and not report.missing


def test_who_has_the_same_file_already_downloads_nothing(room: Room, tmp_path: Path) -> None:
    raw = film_bytes(PIECE + 5)
    reference = media_of(raw)
    one = Machine(tmp_path / "one", room, [reference], 110)
    one.folder.mkdir()
    other = one.folder / "elsewhere.mov"
    other.write_bytes(raw)
    one.known[reference.hash] = [tmp_path / "gone.mov", other]
    exchange = one.exchange("originals")
    asyncio.run(exchange.until_idle())
    assert one.paths["a1"] == [other] and exchange.done().here == ["Harbour.mov"] and exchange.fetching.got == 0


def test_an_interrupted_file_goes_on_and_sends_at_most_one_piece_again(room: Room, tmp_path: Path) -> None:
    raw = film_bytes(12 * PIECE)
    reference = media_of(raw)
    giver = Machine(tmp_path / "giver", room, [reference], 120)
    giver.folder.mkdir()
    (giver.folder / "mine.mov").write_bytes(raw)
    giver.paths["a1"] = [giver.folder / "mine.mov"]
    getter = Machine(tmp_path / "getter", room, [reference], 121)

    async def first() -> int:
        giving, wanting = giver.exchange(cap=40 * PIECE), getter.exchange("originals")
        tasks = [asyncio.ensure_future(one.stay()) for one in (giving, wanting)]
        async with asyncio.timeout(30):
            while wanting.fetching.got < 4 * PIECE:
                await asyncio.sleep(0.005)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return wanting.fetching.got

    async def second() -> int:
        giving, wanting = giver.exchange(), getter.exchange("originals")
        await beside(giving, wanting)
        return wanting.fetching.got

    before = asyncio.run(first())
    assert before < len(raw)
    after = asyncio.run(second())
    assert getter.paths["a1"][0].read_bytes() == raw
    assert before + after <= len(raw) + PIECE + 20_000


def test_somebody_who_gives_wrong_pieces_is_passed_over_and_nothing_wrong_is_kept(
        room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = film_bytes(13 * PIECE + 3)
    reference = media_of(raw)
    honest, liar = (Machine(tmp_path / name, room, [reference], 130 + number) for number, name in enumerate(("honest", "liar")))
    for one in (honest, liar):
        one.folder.mkdir()
        (one.folder / "mine.mov").write_bytes(raw)
        one.paths["a1"] = [one.folder / "mine.mov"]
    getter = Machine(tmp_path / "getter", room, [reference], 132)
    honestly = giving_module.read_piece

    def lying(path: Path, pieces: object, number: int) -> bytes:
        piece = honestly(path, pieces, number)  # type: ignore[arg-type]
        return bytes(len(piece)) if "liar" in str(path) and len(piece) > 100_000 else piece

    monkeypatch.setattr(giving_module, "read_piece", lying)

    async def work() -> MediaExchange:
        givers, wanting = [honest.exchange(cap=12 * PIECE), liar.exchange()], getter.exchange("originals")
        tasks = [asyncio.ensure_future(one.stay()) for one in givers]
        while not all(one.online for one in givers):
            await asyncio.sleep(0.01)
        async with asyncio.timeout(40):
            await wanting.until_idle()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return wanting

    wanting = asyncio.run(work())
    assert getter.paths["a1"][0].read_bytes() == raw
    assert 1 <= wanting.fetching.wrong <= 3, "after three it was not asked any more"


def test_a_file_that_is_not_what_the_project_names_is_thrown_away(room: Room, tmp_path: Path) -> None:
    raw = film_bytes(PIECE + 99)
    reference = media_of(raw)
    forged = bytearray(raw)
    forged[-1] ^= 1
    giver = Machine(tmp_path / "giver", room, [reference], 140)
    giver.folder.mkdir()
    (giver.folder / "mine.mov").write_bytes(bytes(forged))
    giver.paths["a1"] = [giver.folder / "mine.mov"]
    getter = Machine(tmp_path / "getter", room, [reference], 141)
    wanting = getter.exchange("originals")
    asyncio.run(beside(giver.exchange(), wanting))
    assert "a1" not in getter.paths
    assert not list((getter.folder / "film media").glob("*.mov"))
    assert "not the file that the project names" in dict(wanting.done().missing)["Harbour.mov"]


def test_metered_means_previews_alone_both_ways(room: Room, tmp_path: Path) -> None:
    raw = film_bytes(17 * 2**20)
    reference = media_of(raw)
    giver = Machine(tmp_path / "giver", room, [reference], 150)
    giver.folder.mkdir()
    (giver.folder / "mine.mov").write_bytes(raw)
    giver.paths["a1"] = [giver.folder / "mine.mov"]
    getter = Machine(tmp_path / "getter", room, [reference], 151)
    wanting = getter.exchange("originals", metered=True)
    asyncio.run(beside(giver.exchange(), wanting))
    assert [kind for _, kind, _ in wanting.report.came] == ["preview"]
    other = Machine(tmp_path / "other", room, [reference], 152)
    wants_all = other.exchange("originals")
    asyncio.run(beside(giver.exchange(metered=True), wants_all))
    assert [kind for _, kind, _ in wants_all.report.came] == ["preview"]
    assert wants_all.done().missing == [("Harbour.mov", "nobody who is here has it")]


def test_in_a_sealed_room_the_relay_sees_nothing_and_who_lacks_the_key_gets_nothing(room: Room, tmp_path: Path) -> None:
    raw = film_bytes(PIECE // 2)
    reference = media_of(raw)
    key = new_room_key()
    giver = Machine(tmp_path / "giver", room, [reference], 160, OneKey(key))
    giver.folder.mkdir()
    (giver.folder / "mine.mov").write_bytes(raw)
    giver.paths["a1"] = [giver.folder / "mine.mov"]
    getter = Machine(tmp_path / "getter", room, [reference], 161, OneKey(key))
    stranger = Machine(tmp_path / "stranger", room, [reference], 162, OneKey(new_room_key()))
    asyncio.run(beside(giver.exchange(), getter.exchange("originals"), stranger.exchange("originals")))
    assert getter.paths["a1"][0].read_bytes() == raw
    assert "a1" not in stranger.paths


def test_only_members_get_a_media_line(room: Room, tmp_path: Path) -> None:
    from app.services.collab.transport import NoRelay, RelayRefuses

    one = Machine(tmp_path / "one", room, [], 170)
    one.key = Ed25519PrivateKey.generate()
    with pytest.raises((RelayRefuses, NoRelay), match="not a member"):
        asyncio.run(one.exchange("originals")._once())


@pytest.mark.parametrize(("said", "safe"), [
    ("../../etc/passwd", "_.._etc_passwd"), ("CON.mov", "_CON.mov"), ("a\x00b\n.mov", "a_b_.mov"), ("", "media"), ("...", "media"),
    ("Harbour, take 2.mov", "Harbour, take 2.mov"), ("x" * 400 + ".mov", "x" * 120 + ".mov"), ("C:\\film.mov", "C__film.mov"),
])
def test_names_from_a_project_stay_inside_their_folder(said: str, safe: str, tmp_path: Path) -> None:
    assert safe_name(said) == safe
    path = free_name(tmp_path, said)
    assert path.parent == tmp_path
    path.touch()
    assert free_name(tmp_path, said) != path


def test_somebody_without_the_media_asks_and_ends_without_waiting_for_ever(room: Room, tmp_path: Path) -> None:
    reference = media_of(film_bytes(2000))
    one = Machine(tmp_path / "one", room, [reference], 180)
    exchange = one.exchange("originals")

    async def work() -> None:
        async with asyncio.timeout(15):
            await exchange.until_idle()

    asyncio.run(work())
    assert exchange.done().missing
    with contextlib.suppress(FileNotFoundError):
        assert not list((one.folder / "film media").glob("*.mov"))
