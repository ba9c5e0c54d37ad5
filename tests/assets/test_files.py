"""Which files are tried when files and folders are given."""

import pytest

from assets.ingest.files import IngestError, candidates


@pytest.fixture
def folder(tmp_path):
    for name in ("b.mp4", "A.wav", "notes.txt", ".hidden.mp4", "sub/c.mov"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    return tmp_path


def test_a_folder_gives_its_media_by_name_and_leaves_out_the_rest(folder):
    assert [file.name for file in candidates([folder])] == ["A.wav", "b.mp4", "c.mov"]


def test_files_stand_in_the_order_given_and_one_named_twice_is_there_twice(folder):
    given = [folder / "b.mp4", folder / "notes.txt", folder / "b.mp4"]
    assert candidates(given) == given


def test_what_was_given_already_is_not_found_again_below_a_folder(folder):
    assert [file.name for file in candidates([folder / "b.mp4", folder, folder])] == ["b.mp4", "A.wav", "c.mov"]


def test_a_link_that_leads_out_of_a_folder_is_left_out(folder, tmp_path_factory):
    (folder / "out").symlink_to(tmp_path_factory.mktemp("elsewhere"))
    (folder / "link.mp4").symlink_to(folder / "b.mp4")
    assert [file.name for file in candidates([folder])] == ["A.wav", "b.mp4", "c.mov"]


def test_more_files_than_anybody_means_are_refused_by_name(folder, monkeypatch):
    monkeypatch.setattr("assets.ingest.files.MOST_FILES", 2)
    with pytest.raises(IngestError, match="more than 2 media files"):
        candidates([folder])
