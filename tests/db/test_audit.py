"""The audit log: what was seen or changed stays written, and whoever tampers with it is found out."""

from __future__ import annotations

import os
import threading

import pytest
from sqlalchemy import delete, func, select, update

from practice import audit, sealing
from practice.audit import AuditEntry, AuditHead
from practice.database import db
from practice.sealing import Keyring
from practice.work import begin_work

PATIENCE = 20  # seconds that a thread of these tests may take


@pytest.fixture
def log(app):
    """Five entries, honestly written."""
    with app.app_context():
        for number in range(1, 6):
            with begin_work() as work:
                audit.record(work, "staff:1", "viewed", f"i_{number}", {"part": "goals"})
    return app


def breaks(app) -> list[str]:
    with app.app_context():
        return list(audit.verify(db.session()))


def tamper(app, *statements) -> None:
    with app.app_context(), begin_work() as work:
        for statement in statements:
            work.session.execute(statement)


def test_an_honest_log_verifies_and_so_does_an_empty_one(app):
    assert breaks(app) == []
    with app.app_context(), begin_work() as work:
        audit.record(work, "client:p_1", "submitted", "i_1")
    assert breaks(app) == []


@pytest.mark.parametrize(
    "change",
    [
        {"actor": "staff:2"},
        {"action": "printed"},
        {"subject": "i_9"},
        {"detail": "{}"},
        {"at": func.now()},
        {"hash": bytes(32)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_entry_is_found(log, change):
    tamper(log, update(AuditEntry).where(AuditEntry.number == 3).values(**change))

    assert "audit entry 3 was changed" in breaks(log)


def test_a_missing_entry_is_found(log):
    tamper(log, delete(AuditEntry).where(AuditEntry.number == 3))

    assert breaks(log)[0] == "audit entry 3 is missing"


def test_a_tail_that_was_cut_off_is_found(log):
    tamper(log, delete(AuditEntry).where(AuditEntry.number > 3))

    assert breaks(log) == ["the audit log ends at entry 3, and its head says otherwise"]


def test_a_log_that_was_emptied_is_found(log):
    tamper(log, delete(AuditEntry))
    assert breaks(log) == ["the audit log ends at entry 0, and its head says otherwise"]


def test_two_entries_that_changed_places_are_found(log):
    swap = [(2, 100), (3, 2), (100, 3)]
    tamper(log, *(update(AuditEntry).where(AuditEntry.number == old).values(number=new) for old, new in swap))

    assert breaks(log)[:2] == ["audit entry 2 was changed", "audit entry 3 was changed"]


def test_an_entry_forged_without_the_keys_is_found(log):
    honest = log.extensions[sealing.EXTENSION]
    log.extensions[sealing.EXTENSION] = Keyring(current="k1", masters={}, index_key=bytes(32), audit_key=os.urandom(32))
    with log.app_context(), begin_work() as work:
        audit.record(work, "staff:1", "viewed", "i_6")
    log.extensions[sealing.EXTENSION] = honest

    assert breaks(log) == ["audit entry 6 was changed"]


def test_an_entry_stands_exactly_when_what_it_tells_of_stands(app):
    with app.app_context(), pytest.raises(LookupError), begin_work() as work:
        audit.record(work, "staff:1", "viewed", "i_1")
        raise LookupError

    with app.app_context():
        assert db.session.scalars(select(AuditEntry)).all() == []
    assert breaks(app) == []


def test_writers_at_the_same_time_make_one_chain(make_app):
    apps = [make_app(), make_app()]
    with apps[0].app_context(), begin_work() as work:
        audit.record(work, "staff:1", "signed in", "s_1")

    def write(app) -> None:
        for number in range(15):
            with app.app_context(), begin_work() as work:
                audit.record(work, "staff:1", "viewed", f"i_{number}")

    threads = [threading.Thread(target=write, args=(app,)) for app in apps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)

    assert breaks(apps[0]) == []
    with apps[0].app_context():
        assert db.session.get_one(AuditHead, 1).number == 31


def test_the_first_two_writers_at_the_same_time_lose_no_entry(make_app):
    apps = [make_app(), make_app()]
    start = threading.Barrier(2, timeout=PATIENCE)
    written: list[int] = []

    def write(app, number: int) -> None:
        start.wait()
        with app.app_context(), begin_work() as work:
            audit.record(work, "staff:1", "viewed", f"i_{number}")
        written.append(number)

    threads = [threading.Thread(target=write, args=(app, number)) for number, app in enumerate(apps)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)

    assert sorted(written) == [0, 1]
    assert breaks(apps[0]) == []
