"""The Nu HTML checker, the one behind validator.w3.org/nu: whether a document is valid HTML.

It is a Java program from npm (tests/node). Each HtmlChecker is a process on this machine alone, which begins when it is
first asked: the stories of the browser share one, the letters have another, and all of these tests run in one group.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
import time
import urllib.request
from pathlib import Path

import pytest

from tests.support.town import HOST, free_ports

JAR = Path(__file__).parents[1] / "node" / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
PATIENCE = 120.0  # seconds to read its schemas, on a machine with other work to do
# Its schemas nest deeper than Java's usual stack; it lives too briefly for the second compiler to pay.
OPTIONS = ["-Xss4m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", f"-Dnu.validator.servlet.bind-address={HOST}"]


def find_java() -> str | None:
    return shutil.which("java")


class HtmlChecker:
    """Says what is wrong with documents; `end` when nobody asks any more. What it says of itself goes into `folder`."""

    def __init__(self, folder: Path) -> None:
        self._log = folder / "html-checker.log"
        self._child: subprocess.Popen[bytes] | None = None
        self._address = ""

    def errors(self, html: str) -> list[str]:
        """Each error with the text around it; empty when the document is valid.

        :raises AssertionError: where Java or the checker is missing.
        """
        if self._child is None:
            self._begin()
        asked = urllib.request.Request(
            f"{self._address}/?out=json&level=error",
            data=html.encode(),
            headers={"Content-Type": "text/html; charset=utf-8"},
        )
        with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:
            messages = json.load(answer)["messages"]
        return [f"{one['message']} In: {' '.join(one.get('extract', '').split())}" for one in messages]

    def end(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.wait()

    def _begin(self) -> None:
        java = find_java()
        assert java, "documents can't be checked without Java"
        if not JAR.is_file():
            pytest.fail("the Nu HTML checker is not installed; run `npm ci` in tests/node, as `make test` does")
        port = free_ports(1)
        command = [java, *OPTIONS, "-cp", str(JAR), "nu.validator.servlet.Main", str(port)]
        with self._log.open("wb") as said:
            self._child = subprocess.Popen(command, stdout=said, stderr=said)
        self._address = f"http://{HOST}:{port}"
        give_up = time.monotonic() + PATIENCE
        while not self._answers():
            if self._child.poll() is not None or time.monotonic() > give_up:
                raise RuntimeError(f"the HTML checker did not start:\n{self._log.read_text()[-2000:]}")

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(self._address, timeout=PATIENCE):
                return True
        except OSError:
            threading.Event().wait(0.1)
            return False
