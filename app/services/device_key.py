"""The Ed25519 key by which this device is known in shared rooms, made when a project is first shared or joined.

Owns: where the secret half lies. Refuses: sending it anywhere, and writing it in the clear.

It lies in the keyring of the operating system where there is one; `device.pub` then says so, and a keyring that is locked or gone later
is trouble that is told, and no reason to become another device, whom nobody knows. Where there is none, or when `PROEDITOR_HOME` asks
for a portable install, it lies in `device.key` with mode 0600, sealed with ChaCha20-Poly1305 under a key made by scrypt from this
machine's id, the person's user id and, if it is set, `PROEDITOR_KEY_PASSPHRASE`. Without a passphrase that keeps the file from being of
use in a backup or on another machine, and does not keep it from programs that run as the same person. The keys of rooms lie in project
files, each sealed to this key.
"""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from app.services.errors import AppError

log = logging.getLogger(__name__)

_SERVICE = "proeditor"
_ENTRY = "device key"
_COST = 2**14


class KeyTrouble(AppError):
    """The device key is there and cannot be used."""


class _Sealed(msgspec.Struct):
    """What `device.key` holds."""

    version: int
    salt: bytes
    nonce: bytes
    sealed: bytes


def device_key(config: Path) -> Ed25519PrivateKey:
    """This device's key, made at first use. Raises KeyTrouble."""
    path = config / "device.key"
    if path.exists():
        return Ed25519PrivateKey.from_private_bytes(_unseal(path))
    if os.environ.get("PROEDITOR_HOME"):
        return _made_in_file(path)
    said = config / "device.pub"
    kept = _from_keyring(make=not said.exists())
    if said.exists():
        _is_the_one(kept, said)
    if kept is None:
        return _made_in_file(path)
    if not said.exists():
        with contextlib.suppress(OSError):
            said.write_text(kept.public_key().public_bytes_raw().hex())
    return kept


def _is_the_one(kept: Ed25519PrivateKey | None, said: Path) -> None:
    """Raises KeyTrouble unless the keyring gave the key that was put into it."""
    remedy = f"Unlock it and try again. If it is lost for good, remove {said} and ask to be invited again: this device is a new one then"
    if kept is None:
        raise KeyTrouble(f"The key of this device lies in the system's keyring, which does not give it. {remedy}")
    try:
        known = said.read_text().strip()
    except OSError as error:
        raise KeyTrouble(f"{said} cannot be read: {error.strerror}") from None
    if known != kept.public_key().public_bytes_raw().hex():
        raise KeyTrouble(f"The system's keyring holds another key than the one by which this device is known. {remedy}")


def _from_keyring(*, make: bool) -> Ed25519PrivateKey | None:
    """The key in the system's keyring, made there if `make`; None where there is no keyring that keeps what it is given."""
    try:
        import keyring

        if getattr(keyring.get_keyring(), "priority", 0) < 1:
            return None
        text = keyring.get_password(_SERVICE, _ENTRY)
        if text is None and make:
            made = secrets.token_bytes(32)
            keyring.set_password(_SERVICE, _ENTRY, made.hex())
            text = keyring.get_password(_SERVICE, _ENTRY)
            if text != made.hex():
                return None
        return None if text is None else Ed25519PrivateKey.from_private_bytes(bytes.fromhex(text))
    except Exception as error:  # backends raise whatever their system's libraries do
        log.info("no keyring: %s", error)
        return None


def _made_in_file(path: Path) -> Ed25519PrivateKey:
    secret = secrets.token_bytes(32)
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    sealed = ChaCha20Poly1305(_file_key(salt)).encrypt(nonce, secret, b"proeditor device key 1")
    part = path.with_name(f"device.key.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(msgspec.msgpack.encode(_Sealed(1, salt, nonce, sealed)))
            file.flush()
            os.fsync(file.fileno())
        _put_there(part, path)
    except OSError as error:
        raise KeyTrouble(f"The key of this device cannot be written to {path}: {error.strerror}") from None
    finally:
        part.unlink(missing_ok=True)
    return Ed25519PrivateKey.from_private_bytes(_unseal(path))


def _put_there(part: Path, path: Path) -> None:
    """Gives a whole file its name unless it is taken, also where the disk knows no second names for one file."""
    try:
        os.link(part, path)
    except FileExistsError:
        return
    except OSError:
        if not path.exists():
            part.replace(path)


def _unseal(path: Path) -> bytes:
    try:
        kept = msgspec.msgpack.decode(path.read_bytes(), type=_Sealed)
        return ChaCha20Poly1305(_file_key(kept.salt)).decrypt(kept.nonce, kept.sealed, b"proeditor device key 1")
    except OSError as error:
        raise KeyTrouble(f"The key of this device cannot be read from {path}: {error.strerror}") from None
    except (msgspec.DecodeError, InvalidTag, ValueError):
        raise KeyTrouble(f"{path} was made on another machine, under another passphrase, or is damaged. Set PROEDITOR_KEY_PASSPHRASE if "
                         "you had one; otherwise move the file away, and ask to be invited again") from None


def _file_key(salt: bytes) -> bytes:
    machine = b""
    for place in ("/etc/machine-id", "/var/lib/dbus/machine-id"):
        with contextlib.suppress(OSError):
            machine = machine or Path(place).read_bytes().strip()
    person = str(os.getuid()).encode() if hasattr(os, "getuid") else os.environ.get("USERNAME", "").encode()
    phrase = os.environ.get("PROEDITOR_KEY_PASSPHRASE", "").encode()
    return Scrypt(salt=salt, length=32, n=_COST, r=8, p=1).derive(b"\x00".join((machine, person, phrase)))
