"""What opening a project found wrong.

Owns: the shape of a problem. Refuses: mending it, and problems of media, which are found elsewhere.
"""

from __future__ import annotations

from typing import Literal

import msgspec

ProblemKind = Literal["damage", "newer", "unreadable", "place"]


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`message` says what is wrong and what was lost, `fix` what can be done; both for people.

    `damage`: bytes of the file were not what had been written. `newer`: made by a newer version. `unreadable`: a record or a
    field that is kept as it is and not shown. `place`: the folder does not let the file be mended.
    `time` is Unix milliseconds. `number` is not 0 when the project file remembers it until it is dismissed.
    """

    kind: ProblemKind
    message: str
    fix: str
    time: int = 0
    records: tuple[str, ...] = ()
    number: int = 0
