"""Rivals in separate processes, started once for each worker of the run."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.support.racing import Rivals

if not os.environ.get("PRACTICE_LONG"):
    collect_ignore = ["test_kill_at_every_sync.py"]


@pytest.fixture(scope="session")
def _processes() -> Iterator[Rivals]:
    rivals = Rivals()
    yield rivals
    rivals.end()


@pytest.fixture
def processes(_processes: Rivals, practice, settings, keyring, clock) -> Iterator[Rivals]:
    """Four processes that have come to this test's practice; set the practice up first, as far as it is read once."""
    _processes.begin_counting()
    _processes.come_to(settings, keyring, clock.now())
    yield _processes
    print(f"rivals came to {dict(_processes.outcomes)}; the database made them try again {dict(_processes.gave_way)}")
    _processes.leave()
