"""A client with a browser, over HTTP, for servers that may die while they answer."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.parse
import urllib.request
from urllib.parse import urljoin

from tests.support.browsing import forms_of

PATIENCE = 30.0  # seconds for an answer, on a machine with other work to do


class NoAnswer(Exception):
    """The connection broke, or nobody was there."""


class Visitor:
    """One client with a browser, over HTTP. It follows no redirect, and says so when nobody answers."""

    def __init__(self, home: str, cookie: str) -> None:
        self._home = home
        self._cookies = {"client": cookie}
        self._opener = urllib.request.build_opener(NoRedirect, urllib.request.ProxyHandler({}))

    def get(self, path: str) -> tuple[int, str]:
        """The status, and the page or where it leads.

        :raises NoAnswer: when the process ended meanwhile.
        """
        return self._ask(path, None)

    def send(self, path: str, fields: dict[str, str]) -> tuple[int, str]:
        """Open a page, fill in its last form and send it; as `get`."""
        _, page = self.get(path)
        form = [one for one in forms_of(page) if one.method == "post"][-1]
        filled = {**{name: values[-1] for name, values in form.fields.items() if values}, **fields}
        return self._ask(urljoin(path, form.action or path), filled)

    def _ask(self, path: str, fields: dict[str, str] | None) -> tuple[int, str]:
        body = urllib.parse.urlencode(fields).encode() if fields is not None else None
        asked = urllib.request.Request(urljoin(self._home, path), body)
        asked.add_header("Cookie", "; ".join(f"{name}={value}" for name, value in self._cookies.items()))
        try:
            with self._opener.open(asked, timeout=PATIENCE) as answer:
                self._keep(answer.headers.get_all("Set-Cookie") or [])
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code, answer.headers.get("Location") or answer.read().decode()
        except (urllib.error.URLError, http.client.HTTPException, ConnectionError) as broken:
            raise NoAnswer from broken

    def _keep(self, given: list[str]) -> None:
        for line in given:
            name, _, value = line.partition(";")[0].partition("=")
            self._cookies[name] = value


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None
