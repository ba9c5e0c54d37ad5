"""Media sorted into collections."""

from __future__ import annotations

import pytest

from editor_core.commands.registry import CommandError
from editor_core.schema import Collection
from editor_core.timeline.outline import as_json
from tests.support.cutting import Film


@pytest.fixture
def film() -> Film:
    return Film()


def test_media_is_put_into_a_collection_moved_to_another_and_taken_out(film: Film) -> None:
    lake, pond = film.shot("lake.mp4"), film.shot("pond.mp4")
    first = film.run("collection.add", name=" Day  1 ", assets=[lake])["collection"]
    second = film.run("collection.add", name="Day 2")["collection"]
    assert (film.view.get(Collection, first).name, film.asset(lake).collection) == ("Day 1", first)
    film.run("collection.put", assets=[lake, pond], collection=second)
    assert [film.asset(one).collection for one in (lake, pond)] == [second, second]
    film.run("collection.put", assets=[pond], collection=None)
    assert [one["assets"] for one in as_json(film.view)["collections"]] == [[], [lake]]
    film.run("edit.undo")
    assert film.asset(pond).collection == second


def test_a_collection_that_is_removed_leaves_its_media_and_comes_back_with_it(film: Film) -> None:
    lake = film.shot("lake.mp4")
    made = film.run("collection.add", name="Day 1", assets=[lake])["collection"]
    film.run("collection.set", collection=made, name="First day")
    film.run("collection.remove", collection=made)
    assert not film.view.of_kind(Collection) and film.asset(lake).collection == ""
    film.run("edit.undo")
    assert film.view.get(Collection, made).name == "First day" and film.asset(lake).collection == made


def test_a_collection_needs_a_name_and_media_that_is_there(film: Film) -> None:
    with pytest.raises(CommandError, match="name that can be seen"):
        film.run("collection.add", name="  ")
    with pytest.raises(CommandError, match="nothing"):
        film.run("collection.add", name="Day 1", assets=["nothing"])
    assert not film.view.of_kind(Collection), "refused as a whole"
