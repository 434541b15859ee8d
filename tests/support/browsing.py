"""A browser for tests without a browser: it keeps cookies, reads forms and sends them as they stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

EVERYWHERE = "/leave"  # the form in the head of each client page: never the one that a test means


@dataclass
class FormOnPage:
    """One form: where it goes, and what it would send if nobody touched it."""

    action: str
    method: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[FormOnPage] = []
        self._select: tuple[str, list[str], bool] | None = None
        self._area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(FormOnPage(given.get("action", ""), given.get("method", "get").lower()))
        elif self.forms:
            self._read_control(tag, given)

    def _read_control(self, tag: str, given: dict[str, str]) -> None:
        if "form" in given:
            return  # belongs to another form than the one that was read last, or is in none
        name, kind = given.get("name", ""), given.get("type", "text")
        if tag == "select":
            self._select = (name, [], "multiple" in given)
        elif tag == "option" and self._select:
            if "selected" in given or not (self._select[1] or self._select[2]):
                self._select[1][:] = [given.get("value", "")]
        elif tag == "textarea":
            self._area = name
            self._add(name, "")
        elif tag == "button" or (tag == "input" and kind == "submit"):
            if name:
                self.forms[-1].buttons.append((name, given.get("value", "")))
        elif tag == "input" and name and (kind not in {"radio", "checkbox"} or "checked" in given):
            self._add(name, given.get("value", "on" if kind == "checkbox" else ""))

    def handle_data(self, data: str) -> None:
        if self._area is not None and self.forms:
            self.forms[-1].fields[self._area][-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "select" and self._select:
            name, chosen, _ = self._select
            for value in chosen:
                self._add(name, value)
            self._select = None
        elif tag == "textarea" and self._area is not None:
            if self.forms:
                written = self.forms[-1].fields[self._area]
                written[-1] = written[-1].removeprefix("\r").removeprefix("\n")  # the first break belongs to the tag
            self._area = None

    def _add(self, name: str, value: str) -> None:
        self.forms[-1].fields.setdefault(name, []).append(value)


def forms_of(html: str) -> list[FormOnPage]:
    """Every form of a page, in order, but for the way out in its head."""
    reader = _Forms()
    reader.feed(html)
    return [form for form in reader.forms if form.action != EVERYWHERE]


class Browser(FlaskClient):
    """Flask's test client, at home at the practice's own address.

    Requests go to PRACTICE_BASE_URL (https in most tests), so that cookies, CSRF and links behave as in production.
    """

    home: str

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        if args and isinstance(args[0], str):
            path = urlsplit(args[0])
            if path.scheme:  # an absolute address: of the practice, or a mistake
                assert args[0].startswith(self.home), f"{args[0]} is not the practice's"
                args = (path.path + (f"?{path.query}" if path.query else ""), *args[1:])
        kwargs.setdefault("base_url", self.home)
        kwargs.setdefault("buffered", True)  # reads files to their end, and closes them
        return super().open(*args, **kwargs)

    def submit(
        self,
        path: str,
        data: dict[str, Any] | None = None,
        *,
        form: str | int = -1,
        follow_redirects: bool = False,
    ) -> TestResponse:
        """Open the page, fill in its form and send it, hidden fields and CSRF token included.

        `form` is the form's number on the page (the last when not said), or a part of its action. A value of None
        leaves the field out; a list sends it several times.
        """
        page = self.get(path)
        assert page.status_code in {200, 409, 422}, f"{path} answered {page.status_code}"
        return self.send_form(page, data, form=form, follow_redirects=follow_redirects)

    def send_form(
        self,
        page: TestResponse,
        data: dict[str, Any] | None = None,
        *,
        form: str | int = -1,
        follow_redirects: bool = False,
    ) -> TestResponse:
        """Fill in and send a form of a page that is open already (an answer to a POST, say)."""
        found = [one for one in forms_of(page.text) if one.method == "post"]
        if isinstance(form, str):
            found, form = [one for one in found if form in one.action], 0
        assert found, f"{page.request.path} has no such form"
        chosen = found[form]
        sent: dict[str, Any] = {**chosen.fields, **(data or {})}
        sent = {name: value for name, value in sent.items() if value is not None}
        target = urljoin(page.request.path, chosen.action or page.request.full_path)
        return self.post(target, data=sent, follow_redirects=follow_redirects)
