"""Two copies of a film on the command line: every call a process of its own, on real project files."""

import json
import random
import shutil

import pytest

from tests.support.command_line import CommandLine

FRAME = 705_600_000 // 25
SECOND = 25 * FRAME


def run(proeditor, film, command, ok=True, **args):
    ran = proeditor("run", film, command, json.dumps(args), ok=None if ok is None else ok)
    return json.loads(ran.out) if ran.status == 0 else None


def title(proeditor, film, text, at, seconds=2):
    return run(proeditor, film, "title.add", text=text, at=f"{at}s", duration=f"{seconds}s")["clip"]


def prints(proeditor, *films):
    return {proeditor("fingerprint", film).out.strip() for film in films}


def clips(proeditor, film):
    return {c["id"]: c for t in proeditor("show", film, "--json").json["tracks"] for c in t["clips"]}


@pytest.fixture(scope="module")
def titled(blank, tmp_path_factory):
    """A film with two titles, made by somebody, and which they are."""
    folder = tmp_path_factory.mktemp("titled")
    somebody, path = CommandLine(folder / "home"), shutil.copy(blank, folder / "film.proedit")
    return path, [title(somebody, path, "a", 0), title(somebody, path, "b", 4)]


@pytest.fixture
def pair(titled, tmp_path):
    """That film, and a copy of it."""
    path, ids = titled
    return shutil.copy(path, tmp_path / "film.proedit"), shutil.copy(path, tmp_path / "laptop.proedit"), ids


def both_ways(proeditor, film, copy):
    proeditor("merge", film, copy)
    proeditor("merge", copy, film)
    assert len(prints(proeditor, film, copy)) == 1


def test_copies_edited_apart_are_one_film_after_merging_each_into_the_other(proeditor, pair):
    film, copy, (a, b) = pair
    run(proeditor, film, "clip.set", clip=a, property="opacity", value=0.5)
    new = title(proeditor, copy, "late", 20)
    run(proeditor, copy, "clip.set", clip=a, property="rotation", value=10)
    preview = proeditor("merge", film, copy, "--preview", "--json").json
    assert preview["preview"] and preview["merged"] == 2 and preview["totals"]["added"] == 1
    assert {(c["kind"], c["id"]) for c in preview["changes"]} == {("added", new), ("changed", a)}
    assert new not in clips(proeditor, film), "a preview changes nothing"
    before = film.read_bytes()
    done = proeditor("merge", film, copy, "--json").json
    assert film.read_bytes() != before and done["changes"] == preview["changes"]
    both_ways(proeditor, film, copy)
    assert "Nothing differs" in proeditor("merge", film, copy).out
    assert set(clips(proeditor, film)) == {a, b, new}


def test_undo_after_a_merge_takes_back_what_this_copy_did(proeditor, pair):
    film, copy, (a, b) = pair
    mine = title(proeditor, film, "mine", 10)
    theirs = title(proeditor, copy, "theirs", 20)
    proeditor("merge", film, copy)
    proeditor("undo", film)
    assert set(clips(proeditor, film)) == {a, b, theirs}
    proeditor("redo", film)
    assert set(clips(proeditor, film)) == {a, b, mine, theirs}
    both_ways(proeditor, film, copy)


def test_a_clip_moved_in_both_copies_is_there_once_and_a_deleted_one_keeps_the_other_sides_edit(proeditor, pair):
    film, copy, (a, b) = pair
    run(proeditor, film, "clip.move", clips=[b], to="10s")
    run(proeditor, copy, "clip.move", clips=[b], to="20s")
    run(proeditor, film, "clip.lift", clips=[a])
    run(proeditor, copy, "clip.set", clip=a, property="opacity", value=0.25)
    both_ways(proeditor, film, copy)
    assert list(clips(proeditor, film)) == [b]


def test_three_copies_in_any_order_agree(proeditor, pair, tmp_path):
    film, copy, _ = pair
    third = tmp_path / "third.proedit"
    shutil.copyfile(film, third)
    for at, path in ((10, film), (10, copy), (30, third)):
        title(proeditor, path, path.stem, at)
    proeditor("merge", copy, third)
    proeditor("merge", film, copy)
    proeditor("merge", third, film)
    proeditor("merge", copy, film)
    assert len(prints(proeditor, film, copy, third)) == 1
    assert len(clips(proeditor, film)) == 5


@pytest.mark.parametrize("seed", [3])
def test_random_scripts_on_both_copies_agree_after_merging(proeditor, pair, tmp_path, seed):
    film, copy, _ = pair
    rng = random.Random(seed)
    for path in (film, copy):
        lines = []
        for n in range(60):
            at = rng.randrange(400) * FRAME
            lines.append({"command": "title.add", "args": {"text": f"{path.stem} {n}", "at": at, "duration": rng.randrange(5, 60) * FRAME}})
            lines.append({"command": "marker.add", "args": {"at": at, "text": str(n)}})
            lines.append({"command": rng.choice(["edit.undo", "edit.redo", "edit.undo"]), "args": {}} if n % 7 == 3 else lines[-1])
        script = tmp_path / "script.jsonl"
        script.write_text("\n".join(map(json.dumps, lines)))
        proeditor("run", path, "--script", script, ok=None)
    proeditor("merge", film, copy)
    proeditor("merge", copy, film)
    assert len(prints(proeditor, film, copy)) == 1


def test_another_project_and_the_film_itself_are_refused_in_words(proeditor, pair, tmp_path):
    film = pair[0]
    other = tmp_path / "other.proedit"
    proeditor("new", other)
    assert "not a copy" in proeditor("merge", film, other, ok=False).err
    assert "film itself" in proeditor("merge", film, film, ok=False).err
    assert "no project" in proeditor("merge", film, tmp_path / "none.proedit", ok=False).err


def open_conflicts(proeditor, film):
    return proeditor("conflicts", film, "--json").json["conflicts"]


def test_a_field_written_in_both_copies_is_a_conflict_with_both_values_until_one_decides(proeditor, pair):
    film, copy, (a, b) = pair
    run(proeditor, film, "clip.set", clip=a, property="opacity", value=0.5)
    run(proeditor, copy, "clip.set", clip=a, property="opacity", value=0.25)
    run(proeditor, copy, "clip.set", clip=b, property="opacity", value=0.75)
    assert open_conflicts(proeditor, film) == []
    both_ways(proeditor, film, copy)
    (one,) = open_conflicts(proeditor, film)
    assert (one["record"], one["field"], one["name"]) == (a, "opacity", "a")
    assert sorted(v["value"] for v in one["values"]) == [0.25, 0.5]
    assert {v["value"]: v["mine"] for v in one["values"]} == {0.5: True, 0.25: False}
    assert "no open conflict" in proeditor("resolve", film, "nonsense", "mine", ok=False).err
    assert "no meaning" in proeditor("resolve", film, one["id"], "merge", ok=False).err
    proeditor("resolve", film, one["id"], "theirs")
    assert open_conflicts(proeditor, film) == []
    assert open_conflicts(proeditor, copy) != []
    both_ways(proeditor, film, copy)
    assert open_conflicts(proeditor, copy) == []
    proeditor("undo", film)
    assert [c["id"] for c in open_conflicts(proeditor, film)] == [one["id"]], "a decision can be undone"
    proeditor("redo", film)
    assert open_conflicts(proeditor, film) == []


def test_deleted_here_and_changed_there_can_be_kept_or_deleted_for_all(proeditor, pair):
    film, copy, (a, b) = pair
    for clip in (a, b):
        run(proeditor, film, "clip.lift", clips=[clip])
        run(proeditor, copy, "clip.set", clip=clip, property="rotation", value=10)
    both_ways(proeditor, film, copy)
    first, second = open_conflicts(proeditor, film)
    assert {first["kind"], second["kind"]} == {"deleted"} and first["fields"] == ["rotation"]
    (item, _) = [i for i in proeditor("attention", film, "--json").json["attention"] if i["kind"] == "deleted"]
    assert len(item["fixes"]) == 2
    proeditor("resolve", film, first["id"], "merge")
    proeditor("resolve", film, second["id"], "mine")
    both_ways(proeditor, film, copy)
    assert open_conflicts(proeditor, copy) == []
    assert list(clips(proeditor, copy)) == [first["record"]]


def test_keeping_both_makes_a_second_clip(proeditor, pair):
    film, copy, (_, b) = pair
    run(proeditor, film, "clip.move", clips=[b], to="10s")
    run(proeditor, copy, "clip.move", clips=[b], to="20s")
    both_ways(proeditor, film, copy)
    (one,) = open_conflicts(proeditor, film)
    assert one["field"] == "start"
    done = proeditor("resolve", film, one["id"], "both", "--json").json
    (new,) = done["clips"]
    both_ways(proeditor, film, copy)
    found = clips(proeditor, copy)
    assert (found[b]["start"], found[new]["start"]) == (10 * SECOND, 20 * SECOND)
    assert open_conflicts(proeditor, copy) == []


def test_clips_put_on_one_place_are_on_the_attention_list_and_its_fix_settles_it(proeditor, pair):
    film, copy, _ = pair
    title(proeditor, film, "mine", 10)
    title(proeditor, copy, "theirs", 11)
    both_ways(proeditor, film, copy)
    (item,) = proeditor("attention", film, "--json").json["attention"]
    assert item["kind"] == "overlap" and item["timecode"] == "00:00:11:00"
    fix = item["fixes"][0]
    run(proeditor, film, fix["command"], **fix["args"])
    assert proeditor("attention", film, "--json").json["attention"] == []


def test_blame_names_who_changed_what_in_either_copy(proeditor, pair):
    film, copy, (a, _) = pair
    run(proeditor, film, "clip.set", clip=a, property="opacity", value=0.5)
    run(proeditor, copy, "clip.set", clip=a, property="rotation", value=10)
    proeditor("merge", film, copy)
    made, *rest = proeditor("blame", film, a, "--json").json["changes"]
    assert made["made"] and made["command"] == "title.add"
    assert {name: one["fields"][name]["after"] for one in rest for name in one["fields"]} == {"opacity": 0.5, "rotation": 10}
    assert len({one["session"] for one in (made, *rest)}) == 3
    assert "no clip" in proeditor("blame", film, "c000", ok=False).err


def test_a_named_version_comes_back_as_an_edit_that_can_be_undone(proeditor, pair):
    film, _, (a, b) = pair
    proeditor("versions", film, "save", "first cut")
    run(proeditor, film, "clip.lift", clips=[a])
    run(proeditor, film, "clip.set", clip=b, property="opacity", value=0.5)
    c = title(proeditor, film, "c", 10)
    (one,) = proeditor("versions", film, "--json").json["versions"]
    assert one["name"] == "first cut" and one["differs"] == 3
    proeditor("versions", film, "restore", "first cut")
    assert set(clips(proeditor, film)) == {a, b}
    assert proeditor("versions", film, "--json").json["versions"][0]["differs"] == 0
    proeditor("undo", film)
    assert set(clips(proeditor, film)) == {b, c}
    assert "no version" in proeditor("versions", film, "restore", "second", ok=False).err


def test_a_branch_is_tried_compared_merged_and_dropped(proeditor, pair):
    film, _, (a, b) = pair
    proeditor("branch", film, "new", "short ending")
    proeditor("branch", film, "switch", "short ending")
    run(proeditor, film, "clip.lift", clips=[b])
    assert proeditor("branch", film, "--json").json == {"branches": ["short ending", "main"], "current": "short ending"}
    proeditor("branch", film, "switch", "main")
    assert set(clips(proeditor, film)) == {a, b}
    run(proeditor, film, "clip.set", clip=a, property="opacity", value=0.5)
    compared = proeditor("branch", film, "compare", "main", "short ending", "--json").json
    assert {(one["kind"], one["id"]) for one in compared["changes"]} == {("removed", b), ("changed", a)}
    proeditor("branch", film, "merge", "short ending")
    assert set(clips(proeditor, film)) == {a}
    proeditor("branch", film, "drop", "short ending")
    assert proeditor("branch", film, "--json").json["branches"] == ["main"]
    assert "no branch" in proeditor("branch", film, "merge", "short ending", ok=False).err
