"""vdirsyncer takes a feed from a web server that listens on loopback, as a phone's or a laptop's calendar would."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from werkzeug.serving import make_server

from tests.support.calendar_readers import PATIENCE

CONFIG = """\
[general]
status_path = "{folder}/status/"
[pair feed]
a = "there"
b = "here"
collections = null
conflict_resolution = "a wins"
[storage there]
type = "http"
url = "{url}"
[storage here]
type = "filesystem"
path = "{folder}/items/"
fileext = ".ics"
"""


@contextmanager
def listening(app: Flask) -> Iterator[str]:
    """The address of a server on loopback that serves this app meanwhile."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def sync_by_vdirsyncer(url: str, folder: Path) -> list[bytes]:
    """The items that vdirsyncer has in `folder` after one more sync."""
    (folder / "items").mkdir(parents=True, exist_ok=True)
    config = folder / "config"
    if not config.exists():
        config.write_text(CONFIG.format(folder=folder, url=url))
        _vdirsyncer(folder, "discover")
    _vdirsyncer(folder, "sync")
    return [path.read_bytes() for path in sorted((folder / "items").glob("*.ics"))]


def _vdirsyncer(folder: Path, command: str) -> None:
    program = [str(Path(sys.executable).with_name("vdirsyncer")), "-c", str(folder / "config"), command]
    home = {"HOME": str(folder)}
    done = subprocess.run(
        program, env={**os.environ, **home}, capture_output=True, timeout=PATIENCE, check=False, text=True
    )
    assert done.returncode == 0, done.stderr + done.stdout
