"""Sealing: what clients tell us is encrypted with a key of their own before it reaches the database.

Each person has a data key (AES-256). It is stored wrapped by a master key from the keys file; the wrapped key names
the master key's id, so that master keys can be rotated. A sealed value is bound to its table, row and column
(associated data), so that it can't be moved to another place. Destroying a person's key erases the person.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
import unicodedata
from pathlib import Path
from typing import cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import current_app, g
from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from practice.database import Model, db

EXTENSION = "practice.keyring"
FORMAT = b"\x01"
NONCE_BYTES = 12
KEY_BYTES = 32


class CannotOpen(Exception):
    """A sealed value does not open: the key is gone (erased), or the value was tampered with or moved."""


class PersonKey(Model):
    """A person's data key, wrapped. The row lives apart from the person, so that erasing it is one delete."""

    __tablename__ = "person_key"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    master_key_id: Mapped[str] = mapped_column(String(20))
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)


class Keyring:
    """The keys from the keys file: master keys by id, and one key each for look-up and for the audit chain."""

    def __init__(self, *, current: str, masters: dict[str, bytes], index_key: bytes, audit_key: bytes) -> None:
        self.current = current
        self._masters = masters
        self._index_key = index_key
        self.audit_key = audit_key

    @classmethod
    def create(cls, path: Path) -> Keyring:
        """Make a new keys file, readable by its owner alone.

        :raises FileExistsError: rather than overwrite keys without which nothing can be read.
        """
        document = {
            "current": "k1",
            "masters": {"k1": _text(secrets.token_bytes(KEY_BYTES))},
            "index": _text(secrets.token_bytes(KEY_BYTES)),
            "audit": _text(secrets.token_bytes(KEY_BYTES)),
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            json.dump(document, file, indent=1)
        return cls.load(path)

    @classmethod
    def load(cls, path: Path) -> Keyring:
        """Read the keys file."""
        document = json.loads(path.read_text(encoding="ascii"))
        return cls(
            current=document["current"],
            masters={key_id: base64.b64decode(value) for key_id, value in document["masters"].items()},
            index_key=base64.b64decode(document["index"]),
            audit_key=base64.b64decode(document["audit"]),
        )

    def wrap(self, data_key: bytes, person_id: int) -> tuple[str, bytes]:
        """The id of the current master key, and the data key wrapped by it."""
        return self.current, encrypt(self._masters[self.current], data_key, _key_place(person_id))

    def unwrap(self, key_id: str, wrapped: bytes, person_id: int) -> bytes:
        """The data key.

        :raises CannotOpen: when the master key is missing from the keys file, or the wrapped key was changed.
        """
        if key_id not in self._masters:
            raise CannotOpen(f"master key {key_id} is not in the keys file")
        return decrypt(self._masters[key_id], wrapped, _key_place(person_id))

    def blind_index(self, address: str) -> bytes:
        """32 bytes by which an e-mail address is found again without being stored in the clear."""
        normal = unicodedata.normalize("NFKC", address).strip().casefold()
        return hmac.digest(self._index_key, normal.encode(), hashlib.sha256)


class Vault:
    """Seals and opens one session's values; unwrapped keys are remembered for as long as the session lives."""

    def __init__(self, session: Session, keyring: Keyring) -> None:
        self._session = session
        self._keyring = keyring
        self._keys: dict[int, bytes] = {}

    def new_key(self, person_id: int) -> None:
        """Give a new person a data key; call in the work that adds the person."""
        data_key = secrets.token_bytes(KEY_BYTES)
        key_id, wrapped = self._keyring.wrap(data_key, person_id)
        self._session.add(PersonKey(person_id=person_id, master_key_id=key_id, wrapped=wrapped))
        self._session.flush()

    def seal(self, person_id: int, text: str, *, table: str, row: str, column: str) -> bytes:
        """Encrypt `text` for this place. `row` is the reference of the record that owns the value."""
        return encrypt(self._key(person_id), text.encode(), _place(table, row, column))

    def open(self, person_id: int, sealed: bytes, *, table: str, row: str, column: str) -> str:
        """Decrypt a value of this place.

        :raises CannotOpen: when the person's key was destroyed, or the value is not this place's.
        """
        return decrypt(self._key(person_id), sealed, _place(table, row, column)).decode()

    def _key(self, person_id: int) -> bytes:
        if person_id not in self._keys:
            row = self._session.get(PersonKey, person_id)
            if row is None:
                raise CannotOpen("this person's key was destroyed")
            self._keys[person_id] = self._keyring.unwrap(row.master_key_id, row.wrapped, person_id)
        return self._keys[person_id]


def keyring() -> Keyring:
    """The keyring of the current app."""
    return cast(Keyring, current_app.extensions[EXTENSION])


def vault() -> Vault:
    """The vault of the current app context."""
    if "vault" not in g:
        g.vault = Vault(cast(Session, db.session), keyring())
    return cast(Vault, g.vault)


def blind_index(address: str) -> bytes:
    """32 bytes that stand for an e-mail address in look-ups."""
    return keyring().blind_index(address)


def encrypt(key: bytes, plain: bytes, place: bytes) -> bytes:
    """Format byte, nonce and AES-256-GCM ciphertext, bound to `place`."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return FORMAT + nonce + AESGCM(key).encrypt(nonce, plain, place)


def decrypt(key: bytes, sealed: bytes, place: bytes) -> bytes:
    """The plain bytes.

    :raises CannotOpen: when key, value or place don't belong together.
    """
    if sealed[:1] != FORMAT:
        raise CannotOpen("unknown format")
    nonce, ciphertext = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, place)
    except (InvalidTag, ValueError):  # ValueError: cut off within the nonce
        raise CannotOpen("the seal is broken") from None


def _place(table: str, row: str, column: str) -> bytes:
    return "|".join((table, row, column)).encode()


def _key_place(person_id: int) -> bytes:
    return _place("person_key", str(person_id), "wrapped")


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")
