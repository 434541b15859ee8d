"""The demo under one command: it ends whole, however it ends, and goes on where it was."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import threading
import time
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support import town
from tests.support.town import PRACTICE, Demo

pytestmark = pytest.mark.xdist_group("demo")

PATIENCE = 30.0  # seconds for every process of a demo to be gone


def bookings(folder: Path) -> list[tuple[object, ...]]:
    database = sqlite3.connect(folder / "practice.db")
    try:
        return database.execute("SELECT reference, state, starts_at FROM booking ORDER BY id").fetchall()
    finally:
        database.close()


def ports(demo: Demo) -> list[int]:
    web = urlsplit(demo.home).port or 0
    return [web, web + 1, web + 2]


def listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def all_gone(demo: Demo) -> bool:
    """Wait for the ports to be free."""
    give_up = time.monotonic() + PATIENCE
    pause = threading.Event()
    while any(map(listening, ports(demo))):
        if time.monotonic() > give_up:
            return False
        pause.wait(0.1)
    return True


def test_a_demo_ends_whole_on_ctrl_c_and_goes_on_where_it_was(tmp_path):
    with town.demo(tmp_path) as first:
        assert all(map(listening, ports(first)))
        with urllib.request.urlopen(first.home) as page:
            assert b"Schedule a session" in page.read()
        began_with = bookings(tmp_path)
    assert all_gone(first)
    said = (tmp_path / "demo.log").read_text()
    assert first.home in said
    assert "Staff sign-in" in said
    assert "Traceback" not in said

    with town.demo(tmp_path) as second:
        assert len(began_with) > 10
        assert {reference for reference, *_ in began_with} <= {reference for reference, *_ in bookings(tmp_path)}
        checked = second.command("invariants")
        assert checked.returncode == 0, checked.stdout
    assert "Making the demo" not in (tmp_path / "demo.log").read_text()


def test_a_demo_that_is_killed_leaves_no_process_behind(tmp_path):
    with pytest.raises(AssertionError, match="ended by itself"), town.demo(tmp_path) as running:
        os.kill(running.pid, signal.SIGKILL)
        assert all_gone(running)


def test_a_port_that_is_taken_is_said_with_the_way_round_it(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = subprocess.run(
            [str(PRACTICE), "demo", "--port", str(port), "--data", str(tmp_path)],
            env={"PATH": os.environ["PATH"]},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    assert said.returncode == 1
    assert f"Port {port} is in use" in said.stdout
    assert "make run PORT=" in said.stdout
