"""What a killed run leaves behind is cleared by the next, whoever has its process id now."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

import pytest

from tests.support import postgres


@pytest.fixture
def gone(tmp_path, monkeypatch) -> int:
    """The process id of a run that is over."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid


@pytest.mark.parametrize("note", ["", "not a number\n", "{gone}\n", "{alive}\n"])
def test_a_note_of_a_server_that_is_gone_stops_nobody_and_is_cleared(gone, note):
    data = postgres.folder_of_run(gone) / "data"
    data.mkdir(parents=True)
    (data / "postmaster.pid").write_text(note.format(gone=gone, alive=os.getpid()))

    assert postgres.stop_leftovers() == [gone]

    assert not data.parent.exists()


def test_a_server_that_works_on_the_folder_is_told_from_its_note_alone(gone):
    data = postgres.folder_of_run(gone) / "data"
    data.mkdir(parents=True)
    waiting = [sys.executable, "-c", "import sys; sys.stdin.read()", "-D", str(data)]
    server = subprocess.Popen(waiting, stdin=subprocess.PIPE)
    try:
        (data / "postmaster.pid").write_text(f"{server.pid}\n")
        assert postgres._is_served(data)
    finally:
        server.kill()
        server.communicate()
    assert not postgres._is_served(data)
