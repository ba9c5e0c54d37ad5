"""Who acts: an id made once at first start, a session id at each process start.

Owns: the small file that keeps the actor's id, name and colour. Refuses: keys and secrets (a later service).
"""

from __future__ import annotations

import contextlib
import getpass
import logging
import os
import secrets
from pathlib import Path

import msgspec

from editor_core.commands.context import Actor
from editor_core.schema import new_id

log = logging.getLogger(__name__)


class Profile(msgspec.Struct, kw_only=True):
    """What `actor.json` holds."""

    id: str
    name: str = ""
    color: str = "teal"


def load_profile(config: Path) -> Profile:
    """The profile of this machine's person, made at first use; of two that are made at once one counts. A damaged file is set aside and
    a new id made; one that cannot be read now is left alone, and another id lasts for this process."""
    path = config / "actor.json"
    made = Profile(id=new_id("u"), name=_login())
    try:
        return msgspec.json.decode(path.read_bytes(), type=Profile)
    except FileNotFoundError:
        pass
    except OSError as error:
        log.warning("actor.json could not be read: %s", error)
        return made
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        log.warning("actor.json could not be understood (%s); it is kept as actor.json.damaged, and a new one is made", error)
        with contextlib.suppress(OSError):
            path.replace(config / "actor.json.damaged")
    return _made(config, made)


def _made(config: Path, made: Profile) -> Profile:
    """Keeps a new profile, unless another process has done so in the same moment: that one then."""
    path, part = config / "actor.json", config / f"actor.json.{os.getpid()}.{secrets.token_hex(4)}"
    try:
        part.write_bytes(msgspec.json.encode(made))
        try:
            os.link(part, path)
        except FileExistsError:
            return msgspec.json.decode(path.read_bytes(), type=Profile)
        except OSError:
            part.replace(path)  # a disk that knows no second names for one file
    except (OSError, msgspec.DecodeError) as error:
        log.warning("actor.json could not be written: %s", error)
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
    return made


def save_profile(config: Path, profile: Profile) -> None:
    """Writes the profile in one step. A folder that cannot be written is logged: the id then lasts for this process."""
    path = config / "actor.json"
    part = path.with_name(f"actor.json.{os.getpid()}")
    try:
        part.write_bytes(msgspec.json.encode(profile))
        part.replace(path)
    except OSError as error:
        log.warning("actor.json could not be written: %s", error)


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def actor_of(profile: Profile) -> Actor:
    return Actor(id=profile.id, name=profile.name)


def new_session() -> int:
    """A session id: 53 random bits, never 0."""
    return secrets.randbelow(2**53 - 1) + 1
