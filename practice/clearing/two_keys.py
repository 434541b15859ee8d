"""Sealing what is written about two people: it opens only with both people's keys.

A copy for each, sealed with their own key, would outlive the erasure of the other, about whom it speaks too; with one
key alone, the other's erasure would leave it. So it is sealed with one key inside the other.
"""

from __future__ import annotations

import base64

from practice.couples import Couple
from practice.sealing import Vault, vault


def seal_for_two(couple: Couple, text: str, *, table: str, row: str, column: str) -> bytes:
    """Encrypt `text` for this place with the key of each of the two.

    :raises CannotOpen: when one of them was erased.
    """
    keys, (first, second) = vault(), _ids(couple)
    inner = keys.seal(first, text, table=table, row=row, column=column)
    return keys.seal(second, base64.b64encode(inner).decode(), table=table, row=row, column=column)


def open_for_two(couple: Couple, sealed: bytes, *, table: str, row: str, column: str, keys: Vault | None = None) -> str:
    """Decrypt a value of this place.

    :raises CannotOpen: when one of the two was erased, or the value is not this place's.
    """
    keys, (first, second) = keys or vault(), _ids(couple)
    inner = base64.b64decode(keys.open(second, sealed, table=table, row=row, column=column))
    return keys.open(first, inner, table=table, row=row, column=column)


def _ids(couple: Couple) -> tuple[int, int]:
    first, second = (member.person_id for member in couple.members)
    return first, second
