"""Sealing: what clients tell us is encrypted with a key of their own before it reaches the database.

Each person has a data key (AES-256), and so has each document that the books need longer than its person. It is stored
wrapped by a master key from the keys file; it names that key's id, so that master keys can be rotated
(rights/rotation.py). A sealed value is bound to its table, row and column (associated data), so that it can't be moved
to another place. Destroying a person's key erases the person; destroying a document's, the document.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import current_app, g
from sqlalchemy import ForeignKey, LargeBinary, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from practice import keys_file
from practice.database import Model, add_if_absent, among, db

EXTENSION = "practice.keyring"
FORMAT = b"\x01"
NONCE_BYTES = 12
KEY_BYTES = 32


Owner = int | str
"""Whose data key is meant: a person's, by id, or a document's, by reference."""


class CannotOpen(Exception):
    """A sealed value does not open: the key is gone (erased), or the value was tampered with or moved."""


class CannotSeal(Exception):
    """The only master key at hand was retired."""


class MasterKey(Model):
    """A master key of the keys file that wrapped something: since when, and that it may wrap nothing any more."""

    __tablename__ = "master_key"
    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    since: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class WrappedKey:
    """A data key, wrapped by the master key that it names. Destroying it is one delete."""

    master_key_id: Mapped[str] = mapped_column(String(20))
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)


class PersonKey(WrappedKey, Model):
    """A person's data key."""

    __tablename__ = "person_key"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)

    @property
    def owner(self) -> Owner:
        return self.person_id

    @property
    def place(self) -> bytes:
        return _place_of_key(self.person_id)


class DocumentKey(WrappedKey, Model):
    """The data key of one document of the books, by the document's reference. It outlives its person's."""

    __tablename__ = "document_key"
    document: Mapped[str] = mapped_column(String(20), primary_key=True)

    @property
    def owner(self) -> Owner:
        return self.document

    @property
    def place(self) -> bytes:
        return _place("document_key", self.document, "wrapped")


# Of many people at once, so in columns: an object costs several times as much as a key takes to unwrap.
WRAPPED = select(PersonKey.person_id, PersonKey.master_key_id, PersonKey.wrapped)

KEY_TABLES: tuple[type[PersonKey] | type[DocumentKey], ...] = (PersonKey, DocumentKey)
"""Every table with wrapped keys: what a rotation goes through."""


class Keyring:
    """The keys from the keys file: master keys by id, and one key each for look-up and for the audit chain.

    With a `path` it follows that file: it reads it again for an unknown id, and before wrapping by a changed one.
    """

    def __init__(
        self, *, current: str, masters: dict[str, bytes], index_key: bytes, audit_key: bytes, path: Path | None = None
    ) -> None:
        self.current = current
        self.path = path
        self._masters = masters
        self._index_key = index_key
        self.audit_key = audit_key
        self._seen = keys_file.look_of(path)

    @classmethod
    def create(cls, path: Path) -> Keyring:
        """Make a new keys file, readable by its owner alone.

        :raises FileExistsError: rather than overwrite keys without which nothing can be read.
        """
        keys_file.create(path, keys_file.first())
        return cls.load(path)

    @classmethod
    def load(cls, path: Path) -> Keyring:
        """Read the keys file."""
        document = keys_file.read(path)
        return cls(
            current=document["current"],
            masters=_masters_of(document),
            index_key=base64.b64decode(document["index"]),
            audit_key=base64.b64decode(document["audit"]),
            path=path,
        )

    @property
    def master_ids(self) -> Collection[str]:
        """The ids of the master keys that are at hand."""
        return self._masters.keys()

    def reload(self) -> None:
        """Take the master keys as the file has them now; without a file, nothing changes."""
        if self.path is None or not self.path.exists():
            return
        look = keys_file.look_of(self.path)
        document = keys_file.read(self.path)
        self._masters, self.current, self._seen = _masters_of(document), document["current"], look

    def wrap(self, data_key: bytes, place: bytes) -> tuple[str, bytes]:
        """The id of the current master key, and the data key wrapped by it."""
        if keys_file.look_of(self.path) != self._seen:
            self.reload()
        current = self.current
        return current, encrypt(self._masters[current], data_key, place)

    def unwrap(self, key_id: str, wrapped: bytes, place: bytes) -> bytes:
        """The data key.

        :raises CannotOpen: when the master key is missing from the keys file, or the wrapped key was changed.
        """
        if key_id not in self._masters:
            self.reload()
        if key_id not in self._masters:
            raise CannotOpen(f"master key {key_id} is not in the keys file")
        return decrypt(self._masters[key_id], wrapped, place)

    def blind_index(self, address: str) -> bytes:
        """32 bytes by which an e-mail address is found again without being stored in the clear."""
        normal = unicodedata.normalize("NFKC", address).strip().casefold()
        return hmac.digest(self._index_key, normal.encode(), hashlib.sha256)


class Vault:
    """Seals and opens one session's values; unwrapped keys are remembered for as long as the session lives."""

    def __init__(self, session: Session, keyring: Keyring) -> None:
        self._session = session
        self._keyring = keyring
        self._keys: dict[Owner, AESGCM] = {}
        self._wrapped: dict[int, tuple[str, bytes]] = {}  # people's, which were read and not asked for yet

    def new_key(self, owner: Owner, now: datetime) -> None:
        """Give a new person or document a data key; call in the work that adds them.

        :raises CannotSeal: when the only master key at hand was retired.
        """
        row = PersonKey(person_id=owner) if isinstance(owner, int) else DocumentKey(document=owner)
        self._wrap(row, secrets.token_bytes(KEY_BYTES), now)
        self._session.add(row)
        self._session.flush()

    def rewrap(self, row: PersonKey | DocumentKey, now: datetime) -> None:
        """Wrap a data key anew, by the current master key. The row is locked.

        :raises CannotOpen: when the master key that it names is not in the keys file.
        """
        self._wrap(row, self._keyring.unwrap(row.master_key_id, row.wrapped, row.place), now)

    def destroy_key(self, owner: Owner) -> bool:
        """Make everything that was sealed for this owner unreadable; whether there was a key."""
        self._keys.pop(owner, None)
        if isinstance(owner, int):
            self._wrapped.pop(owner, None)
        row = self._row(owner)
        if row is not None:
            self._session.delete(row)
            self._session.flush()
        return row is not None

    def has_key(self, owner: Owner) -> bool:
        """Whether what is sealed for this owner can still be read."""
        return self._row(owner) is not None

    def seal(self, owner: Owner, text: str, *, table: str, row: str, column: str) -> bytes:
        """Encrypt `text` for this place. `row` is the reference of the record that owns the value."""
        return _encrypt(self._key(owner), text.encode(), _place(table, row, column))

    def open(self, owner: Owner, sealed: bytes, *, table: str, row: str, column: str) -> str:
        """Decrypt a value of this place.

        :raises CannotOpen: when the owner's key was destroyed, or the value is not this place's.
        """
        return _decrypt(self._key(owner), sealed, _place(table, row, column)).decode()

    def have_ready(self, people: Iterable[int]) -> None:
        """Read the keys of many people at once, before each is asked for; who has none any more is passed over."""
        wanted = set(people) - self._keys.keys() - self._wrapped.keys()
        if wanted:
            self.take_in(self._session.execute(WRAPPED.where(among(PersonKey.person_id, wanted))))

    def take_in(self, rows: Iterable[tuple[int, str, bytes]]) -> None:
        """Have these keys ready, as WRAPPED reads them, also where somebody read them together with what they open."""
        self._wrapped |= {person_id: (master_key_id, wrapped) for person_id, master_key_id, wrapped in rows}

    def _key(self, owner: Owner) -> AESGCM:
        if owner not in self._keys:
            self._keys[owner] = AESGCM(self._unwrap(owner))
        return self._keys[owner]

    def _unwrap(self, owner: Owner) -> bytes:
        if isinstance(owner, int) and owner in self._wrapped:
            return self._keyring.unwrap(*self._wrapped.pop(owner), _place_of_key(owner))
        row = self._row(owner)
        if row is None:
            raise CannotOpen(f"this {'person' if isinstance(owner, int) else 'document'}'s key was destroyed")
        return self._keyring.unwrap(row.master_key_id, row.wrapped, row.place)

    def _row(self, owner: Owner) -> PersonKey | DocumentKey | None:
        get = self._session.get
        return get(PersonKey, owner) if isinstance(owner, int) else get(DocumentKey, owner)

    def _wrap(self, row: PersonKey | DocumentKey, data_key: bytes, now: datetime) -> None:
        for _ in range(2):
            row.master_key_id, row.wrapped = self._keyring.wrap(data_key, row.place)
            if self._may_wrap(row.master_key_id, now):
                return
            self._keyring.reload()
        raise CannotSeal(f"master key {row.master_key_id} was retired, and the keys file names it as current")

    def _may_wrap(self, key_id: str, now: datetime) -> bool:
        """Whether a master key is in use, and stays so until this work ends: retiring it waits for us, or we for it."""
        locked: dict[str, Any] = {"with_for_update": {"read": True}, "populate_existing": True}
        known = self._session.get(MasterKey, key_id, **locked)
        if known is None:
            note_master(self._session, key_id, now)
            known = self._session.get_one(MasterKey, key_id, **locked)
        return known.retired_at is None


def note_master(session: Session, key_id: str, now: datetime) -> None:
    """Note a master key that was in no use here before. Of two who do so at once, one does and the other waits."""
    add_if_absent(session, MasterKey, id=key_id, since=now)


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
    return _encrypt(AESGCM(key), plain, place)


def decrypt(key: bytes, sealed: bytes, place: bytes) -> bytes:
    """The plain bytes.

    :raises CannotOpen: when key, value or place don't belong together.
    """
    return _decrypt(AESGCM(key), sealed, place)


def _encrypt(key: AESGCM, plain: bytes, place: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return FORMAT + nonce + key.encrypt(nonce, plain, place)


def _decrypt(key: AESGCM, sealed: bytes, place: bytes) -> bytes:
    if sealed[:1] != FORMAT:
        raise CannotOpen("unknown format")
    nonce, ciphertext = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    try:
        return key.decrypt(nonce, ciphertext, place)
    except (InvalidTag, ValueError):  # ValueError: cut off within the nonce
        raise CannotOpen("the seal is broken") from None


def _place_of_key(person_id: int) -> bytes:
    return _place("person_key", str(person_id), "wrapped")


def _place(table: str, row: str, column: str) -> bytes:
    return "|".join((table, row, column)).encode()


def _masters_of(document: Mapping[str, Any]) -> dict[str, bytes]:
    return {key_id: base64.b64decode(value) for key_id, value in document["masters"].items()}
