"""The key of a device: made once, never in the clear, and not usable when copied."""

from __future__ import annotations

import stat
import sys

import pytest

from app.services import device_key as keys
from editor_core.sync.envelope import public


@pytest.fixture(autouse=True)
def portable(tmp_path, monkeypatch):
    monkeypatch.setenv("PROEDITOR_HOME", str(tmp_path))
    monkeypatch.delenv("PROEDITOR_KEY_PASSPHRASE", raising=False)


def test_the_key_is_made_once_and_lies_sealed_in_a_file_of_this_person(tmp_path):
    key = keys.device_key(tmp_path)
    assert public(keys.device_key(tmp_path)) == public(key)
    path = tmp_path / "device.key"
    assert key.private_bytes_raw() not in path.read_bytes()
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in tmp_path.iterdir()] == ["device.key"]


def test_another_passphrase_does_not_open_it_and_a_damaged_one_is_not_replaced(tmp_path, monkeypatch):
    keys.device_key(tmp_path)
    path = tmp_path / "device.key"
    before = path.read_bytes()
    monkeypatch.setenv("PROEDITOR_KEY_PASSPHRASE", "swordfish")
    with pytest.raises(keys.KeyTrouble, match="another machine"):
        keys.device_key(tmp_path)
    monkeypatch.delenv("PROEDITOR_KEY_PASSPHRASE")
    path.write_bytes(before[:-3])
    with pytest.raises(keys.KeyTrouble, match="damaged"):
        keys.device_key(tmp_path)
    assert path.read_bytes() == before[:-3]


def test_a_keyring_is_used_where_there_is_one_that_keeps_what_it_is_given(tmp_path, monkeypatch):
    import keyring
    from keyring.backend import KeyringBackend

    class Kept(KeyringBackend):
        priority = 5
        words: dict[tuple[str, str], str] = {}

        def get_password(self, service, username):
            return self.words.get((service, username))

        def set_password(self, service, username, password):
            self.words[service, username] = password

        def delete_password(self, service, username):
            del self.words[service, username]

    monkeypatch.delenv("PROEDITOR_HOME")
    before = keyring.get_keyring()
    keyring.set_keyring(Kept())
    try:
        key = keys.device_key(tmp_path)
        assert public(keys.device_key(tmp_path)) == public(key) and list(Kept.words.values()) == [key.private_bytes_raw().hex()]
        assert [path.name for path in tmp_path.iterdir()] == ["device.pub"]
        assert key.private_bytes_raw().hex() not in (tmp_path / "device.pub").read_text()
        held = dict(Kept.words)
        Kept.words.clear()
        with pytest.raises(keys.KeyTrouble, match="Unlock"):
            keys.device_key(tmp_path)
        assert not Kept.words and not (tmp_path / "device.key").exists(), "a locked keyring makes no new device"
        Kept.words.update(dict.fromkeys(held, "ab" * 32))
        with pytest.raises(keys.KeyTrouble, match="another key"):
            keys.device_key(tmp_path)
        Kept.words.update(held)
        assert public(keys.device_key(tmp_path)) == public(key)
    finally:
        keyring.set_keyring(before)


def test_without_a_keyring_the_key_lies_in_the_sealed_file_and_stays_there(tmp_path, monkeypatch):
    import keyring
    from keyring.backends import fail

    monkeypatch.delenv("PROEDITOR_HOME")
    before = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())
    try:
        key = keys.device_key(tmp_path)
        assert [path.name for path in tmp_path.iterdir()] == ["device.key"] and public(keys.device_key(tmp_path)) == public(key)
    finally:
        keyring.set_keyring(before)


def test_a_disk_that_knows_no_second_names_keeps_the_key_as_well(tmp_path, monkeypatch):
    def refuse(*names):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(keys.os, "link", refuse)
    key = keys.device_key(tmp_path)
    assert public(keys.device_key(tmp_path)) == public(key) and [path.name for path in tmp_path.iterdir()] == ["device.key"]
