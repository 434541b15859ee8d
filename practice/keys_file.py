"""The keys file on the disk: read whole, replaced whole. Whoever changes it holds its lock, and readers need none."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

OWNER_ALONE = 0o600
KEY_BYTES = 32


def new_key() -> str:
    """A new key, as the file writes it."""
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode("ascii")


def first() -> dict[str, Any]:
    """What a new practice's file says."""
    return {"current": "k1", "masters": {"k1": new_key()}, "index": new_key(), "audit": new_key()}


def read(path: Path) -> dict[str, Any]:
    """What stands in it: `current`, `masters` by id, `index`, `audit`; every key in base64."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="ascii"))
    return found


def look_of(path: Path | None) -> tuple[int, int] | None:
    """What tells one state of the file from another, without reading it; None where there is no file."""
    if path is None or not path.exists():
        return None
    found = path.stat()
    return found.st_ino, found.st_mtime_ns


def create(path: Path, document: Mapping[str, Any]) -> None:
    """Make it, readable by its owner alone.

    :raises FileExistsError: rather than overwrite keys without which nothing can be read.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    _fill(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ALONE), document)
    _keep_name(path)


def replace(path: Path, document: Mapping[str, Any]) -> None:
    """Put this in its place: whoever reads meanwhile, and whoever comes after a crash, finds the old or the new.

    It stays its owner's, also where somebody else (root, in a maintenance) runs this. The caller holds its lock.
    """
    path = path.resolve()  # a link stays a link
    fresh = path.with_name(path.name + ".new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ALONE)
    _give_to_owner_of(path, handle)
    _fill(handle, document)
    fresh.replace(path)
    _keep_name(path)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Be the only one who changes it. A process that dies lets go. The lock is its owner's, whoever needs it first."""
    path = path.resolve()
    handle = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT, OWNER_ALONE)
    try:
        _give_to_owner_of(path, handle)
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _give_to_owner_of(path: Path, handle: int) -> None:
    """Whoever may give files away (root, in a maintenance) leaves none that the practice can't open afterwards."""
    stands = path.stat()
    if os.geteuid() == 0:
        os.fchown(handle, stands.st_uid, stands.st_gid)


def _fill(handle: int, document: Mapping[str, Any]) -> None:
    with os.fdopen(handle, "w", encoding="ascii") as file:
        json.dump(document, file, indent=1)
        file.flush()
        os.fsync(file.fileno())


def _keep_name(path: Path) -> None:
    """Make its name last as well as its content."""
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
