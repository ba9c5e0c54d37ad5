"""The asset library on real SQLite files."""

from pathlib import Path

import pytest

from assets.ingest.files import IngestError, candidates
from assets.library import Library
from assets.relink import find
from editor_core.schema import MediaReference


@pytest.fixture
def library(tmp_path):
    made = Library(tmp_path / "library.sqlite")
    yield made
    made.close()


def media(name, content_hash, size=3):
    return MediaReference(id="m" + content_hash, name=name, hash=content_hash, size=size)


def test_search_finds_words_by_their_beginning_and_survives_query_syntax(library):
    library.remember(media("Harbour dawn.mp4", "1"), Path("/a/1.mp4"))
    library.remember(media("Skipper interview.mov", "2"), Path("/a/2.mov"))
    assert [m.name for m in library.search("harb")] == ["Harbour dawn.mp4"]
    assert [m.name for m in library.search("daw har")] == ["Harbour dawn.mp4"]
    assert {m.name for m in library.search("")} == {"Harbour dawn.mp4", "Skipper interview.mov"}
    for hostile in ('"', "a OR b", "NEAR(", "*", "'; drop table media; --"):
        assert library.search(hostile) == []


def test_equal_content_is_one_entry_with_every_place_it_was_seen_at(library):
    library.remember(media("a.mp4", "1"), Path("/x/a.mp4"))
    library.remember(media("a.mp4", "1"), Path("/y/a.mp4"))
    assert len(library.search()) == 1
    assert set(library.places("1")) == {Path("/x/a.mp4"), Path("/y/a.mp4")}
    library.forget("1")
    assert library.search() == [] and library.places("1") == []


def test_a_damaged_catalogue_is_set_aside_and_begun_anew(tmp_path):
    path = tmp_path / "library.sqlite"
    path.write_bytes(b"this is not a database, and long enough to be looked at" * 100)
    library = Library(path)
    library.remember(media("a.mp4", "1"), Path("/x/a.mp4"))
    assert len(library.search("a")) == 1
    library.close()
    assert len(list(tmp_path.glob("library.damaged-*"))) == 1


def test_folders_give_media_files_by_name_and_files_named_are_always_tried(tmp_path):
    for name in ("b.MP4", "a.wav", "notes.txt", ".hidden.mp4", "deep/c.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "out.mp4").symlink_to("/etc/hostname")
    assert [p.name for p in candidates([tmp_path])] == ["a.wav", "b.MP4", "c.png"]
    assert [p.name for p in candidates([tmp_path / "notes.txt"])] == ["notes.txt"]


def test_a_folder_that_cannot_be_walked_is_named(tmp_path, monkeypatch):
    def refuse(self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(IngestError, match="cannot be read: Permission denied"):
        candidates([tmp_path])


def test_missing_media_is_found_by_hash_before_name(tmp_path, library):
    (tmp_path / "renamed.mp4").write_bytes(b"abc")
    (tmp_path / "a.mp4").write_bytes(b"xyz")
    found = find([media("a.mp4", "h-abc")], [tmp_path], library, lambda p: "h-" + p.read_text())
    assert [(m.path.name, m.sure) for m in found] == [("renamed.mp4", True)]
    (tmp_path / "renamed.mp4").unlink()
    found = find([media("a.mp4", "h-abc")], [tmp_path], library, lambda p: "h-" + p.read_text())
    assert [(m.path.name, m.sure) for m in found] == [("a.mp4", False)]


def test_two_files_of_one_name_are_no_match(tmp_path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.mp4").write_bytes(b"other")
    assert find([media("a.mp4", "h", size=99)], [tmp_path], None, lambda p: "x") == []
