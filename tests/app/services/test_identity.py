"""Who acts: made once, kept, never thrown away."""


from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.services.identity import load_profile


def test_all_who_start_for_the_first_time_at_once_are_one_person(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        ids = {profile.id for profile in pool.map(lambda _: load_profile(tmp_path), range(40))}
    assert len(ids) == 1 and [path.name for path in tmp_path.iterdir()] == ["actor.json"]


@pytest.mark.parametrize("damage", [b"{nonsense", b"", b'{"id": 5}', b'{"id": "u\xff"}'])
def test_a_damaged_profile_is_set_aside(tmp_path, damage):
    (tmp_path / "actor.json").write_bytes(damage)
    made = load_profile(tmp_path)
    assert load_profile(tmp_path) == made and (tmp_path / "actor.json.damaged").read_bytes() == damage


def test_a_profile_that_cannot_be_read_now_is_still_there_later(tmp_path, monkeypatch):
    known = load_profile(tmp_path)

    def refuse(self):
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", refuse)
        assert load_profile(tmp_path).id != known.id
    assert load_profile(tmp_path) == known
