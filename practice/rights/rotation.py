"""New master keys for old: one more in the keys file, then every wrapped key anew, then the old one out of the file.

Each batch is a work of its own, and each step can be done again: a run that was killed anywhere is gone on with by the
next. Web and workers run on meanwhile; docs/rights.md says why nothing that they wrap is lost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

from sqlalchemy import func, select

from practice import keys_file
from practice.audit import record
from practice.database import db
from practice.errors import Refused
from practice.sealing import KEY_TABLES, DocumentKey, MasterKey, PersonKey, keyring, note_master, vault
from practice.work import Work, begin_work

BATCH = 200
BY_COMMAND = "command"
KEY_LIFE = timedelta(days=365)

Progress = Callable[[int, int], None]
"""Told after each batch: how many keys are wrapped anew so far, and how many there were to do."""


class KeyMissing(Refused):
    """Something is wrapped by a master key that the keys file doesn't have."""

    title = "A master key is missing"
    way_out = "Nothing was changed. Put it back into the keys file from your copy of that file, then run it again."


class StillNamed(Refused):
    """An old master key still wraps something."""

    title = "Not every key is wrapped anew"
    way_out = "Run: practice rotate-keys"


def rotate(path: Path, *, batch: int = BATCH, tell: Progress = lambda *_: None) -> int:
    """Make a new master key, unless a rotation is under way, and wrap every data key by it; how many were.

    :raises KeyMissing: naming the id, before anything is changed.
    """
    with keys_file.locked(path):
        keyring().reload()
        _need_all()
        if not count_left():
            _add_master(path)
            keyring().reload()
    done, todo = 0, count_left()
    while count_left():
        for table in KEY_TABLES:
            for changed in _batches(table, batch):
                done += changed
                tell(done, max(todo, done))
    with begin_work() as work:
        record(work, BY_COMMAND, "keys_wrapped_anew", keyring().current, {"count": done})
    return done


def retire(path: Path) -> list[str]:
    """Take every master key out of the file that wraps nothing any more; their ids.

    First the database notes that nothing may be wrapped by them, and then they leave the file: in the other order
    a process that still has one could wrap a key that nobody could ever unwrap.

    :raises StillNamed: where one of them still wraps something.
    """
    with keys_file.locked(path):
        keyring().reload()
        document = keys_file.read(path)
        old = sorted(set(document["masters"]) - {document["current"]})
        with begin_work() as work:
            for key_id in old:
                _note_retired(work, key_id)
                record(work, BY_COMMAND, "master_key_retired", key_id)
        if old:
            kept = {key_id: key for key_id, key in document["masters"].items() if key_id not in old}
            keys_file.replace(path, {**document, "masters": kept})
            keyring().reload()
    return old


def count_by_master() -> Counter[str]:
    """How many data keys each master key wraps, by its id."""
    found: Counter[str] = Counter()
    for table in KEY_TABLES:
        rows = db.session.execute(select(table.master_key_id, func.count()).group_by(table.master_key_id))
        found.update({row[0]: row[1] for row in rows})
    return found


def count_left() -> int:
    """How many data keys another master key wraps than the current one."""
    return sum(count for key_id, count in count_by_master().items() if key_id != keyring().current)


def missing_masters() -> list[str]:
    """The ids of master keys that wrap something and are not in the keys file."""
    return sorted(count_by_master().keys() - set(keyring().master_ids))


def is_old(now: datetime) -> bool:
    """Whether the current master key has been in use for longer than a year."""
    row = db.session.get(MasterKey, keyring().current)
    return row is not None and row.since <= now - KEY_LIFE


def _need_all() -> None:
    missing = missing_masters()
    if missing:
        raise KeyMissing(f"Missing from the keys file: {', '.join(missing)}")


def _add_master(path: Path) -> None:
    document = keys_file.read(path)
    known = {*document["masters"], *db.session.scalars(select(MasterKey.id))}
    numbers = [int(key_id[1:]) for key_id in known if key_id[1:].isdigit()]
    fresh = f"k{max(numbers, default=0) + 1}"
    masters = {**document["masters"], fresh: keys_file.new_key()}
    keys_file.replace(path, {**document, "masters": masters, "current": fresh})


def _batches(table: type[PersonKey] | type[DocumentKey], batch: int) -> Iterator[int]:
    """Wrap all of a table anew, in the order of its key; yields how many each work changed."""
    (key,) = table.__table__.primary_key
    last: Any = None
    while True:
        with begin_work() as work:
            found = select(table).where(table.master_key_id != keyring().current)
            if last is not None:
                found = found.where(key > last)
            # Another run may have been here: what it changed while we waited for its locks is not found any more.
            found = found.order_by(key).limit(batch).with_for_update()
            rows = cast("list[PersonKey | DocumentKey]", list(work.session.scalars(found)))
            for row in rows:
                _rewrap(work, row)
            if rows:
                last = rows[-1].owner
        db.session.expunge_all()
        if not rows:
            return
        yield len(rows)


def _rewrap(work: Work, row: PersonKey | DocumentKey) -> None:
    vault().rewrap(row, work.now)
    work.session.flush()


def _note_retired(work: Work, key_id: str) -> None:
    note_master(work.session, key_id, work.now)  # somebody may just begin to wrap by it
    row = work.session.get_one(MasterKey, key_id, with_for_update=True, populate_existing=True)
    # Whoever wraps by it holds this row until their key is committed, and so is counted.
    if count_by_master()[key_id]:
        raise StillNamed(f"{key_id} still wraps {count_by_master()[key_id]} keys")
    row.retired_at = row.retired_at or work.now
    work.session.flush()
