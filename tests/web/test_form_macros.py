"""The form macros: what a person, a keyboard and a screen reader get of any form."""

from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask, render_template_string
from wtforms import (
    BooleanField,
    EmailField,
    Form,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

import practice
from practice import presenting, speaking

ROLES = [SelectChoice("hurt", "My trust was hurt"), SelectChoice("talk", "I’d rather talk")]


class Sample(Form):
    """One field of every kind."""

    name = StringField("Name", [InputRequired("Say a name.")], render_kw={"autocomplete": "given-name"})
    email = EmailField("Address", [InputRequired("Give an address.")], description="We write little.")
    note = TextAreaField("Note")
    place = SelectField(
        "Place", [InputRequired("Choose a place.")], choices=[SelectChoice("", "Choose"), SelectChoice("a", "A")]
    )
    role = RadioField("Your side", [InputRequired("Choose one.")], choices=ROLES)
    kinds = SelectMultipleField("Kinds", choices=ROLES, widget=ListWidget(), option_widget=CheckboxInput())
    agreed = BooleanField("I agree", [InputRequired("Please tick this.")])
    start = HiddenField(validators=[InputRequired("Choose a time.")])


class Page(HTMLParser):
    """Collects elements by id, and the text of labels and legends."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.by_id: dict[str, dict[str, str | None]] = {}
        self.ids: list[str] = []
        self.labels: dict[str, str] = {}
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._label: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append((tag, found))
        if found.get("id"):
            self.ids.append(str(found["id"]))
            self.by_id[str(found["id"])] = found
        if tag == "label":
            self._label = str(found["for"])

    def handle_endtag(self, tag: str) -> None:
        if tag == "label":
            self._label = None

    def handle_data(self, data: str) -> None:
        if self._label:
            self.labels[self._label] = self.labels.get(self._label, "") + data


@pytest.fixture
def draw() -> Any:
    app = Flask("practice", root_path=practice.__path__[0])
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    speaking.register(app)
    presenting.register(app)
    app.jinja_env.globals["csrf_token"] = lambda: "token"
    app.template_context_processors[None] = []  # no database here, so no profile

    def render(source: str, form: Form) -> str:
        names = "csrf, error_summary, field, submit, title_prefix"
        with app.test_request_context():
            return render_template_string('{% from "macros/forms.html" import ' + names + " %}" + source, form=form)

    return render


WHOLE = "{{ error_summary(form) }}<form>{{ csrf() }}{% for one in form %}{{ field(one) }}{% endfor %}</form>"


def wrong() -> Sample:
    form = Sample(data={})
    assert not form.validate()
    return form


def test_every_field_has_a_label_and_no_id_comes_twice(draw: Any) -> None:
    page = Page(draw(WHOLE, wrong()))
    for name in ("name", "email", "note", "place", "role-0", "role-1", "kinds-0", "kinds-1", "agreed"):
        assert page.labels[name].strip()
        assert name in page.by_id
    assert len(page.ids) == len(set(page.ids))


def test_what_may_be_left_out_says_so_and_nothing_else_does(draw: Any) -> None:
    html = draw(WHOLE, Sample())
    page = Page(html)
    assert "(optional)" in page.labels["note"]
    assert "(optional)" not in page.labels["name"] + page.labels["place"] + page.labels["agreed"]
    assert html.count("(optional)") == 2
    assert "*" not in html


def test_a_caller_may_overrule_what_the_validators_say(draw: Any) -> None:
    html = draw("{{ field(form.note, optional=false) }}{{ field(form.name, hint='As you like.') }}", Sample())
    assert "(optional)" not in html
    assert 'id="name-hint"' in html


def test_the_summary_takes_the_focus_and_leads_to_each_wrong_field(draw: Any) -> None:
    page = Page(draw(WHOLE, wrong()))
    (summary,) = [found for _, found in page.tags if found.get("role") == "alert"]
    assert summary["tabindex"] == "-1"
    assert "autofocus" in summary
    links = [str(found["href"]) for tag, found in page.tags if tag == "a"]
    assert links == ["#name", "#email", "#place", "#role-0", "#agreed"]
    assert all(link[1:] in page.by_id for link in links)


def test_a_hidden_field_that_is_wrong_is_told_without_a_link(draw: Any) -> None:
    assert "<li>Choose a time.</li>" in draw(WHOLE, wrong()).replace("\n", "").replace("  ", "")


def test_the_same_words_stand_beside_the_field_and_are_read_with_it(draw: Any) -> None:
    html = draw(WHOLE, wrong())
    page = Page(html)
    assert page.by_id["name"]["aria-invalid"] == "true"
    assert page.by_id["email"]["aria-describedby"] == "email-hint email-error"
    (group,) = [found for tag, found in page.tags if tag == "fieldset" and found.get("aria-describedby")]
    assert group["aria-describedby"] == "role-error"
    assert html.count("Give an address.") == 2


def test_nothing_wrong_means_no_summary_and_no_prefix(draw: Any) -> None:
    assert draw("{{ error_summary(form) }}{{ title_prefix(form) }}", Sample()).strip() == ""
    assert draw("{{ title_prefix(form) }}", wrong()) == "Error: "


def test_the_browsers_own_bubbles_stay_away_and_autocomplete_stays(draw: Any) -> None:
    page = Page(draw(WHOLE, Sample()))
    assert not [found for _, found in page.tags if "required" in found]
    assert page.by_id["name"]["autocomplete"] == "given-name"


def test_what_was_typed_comes_back_as_text(draw: Any) -> None:
    html = draw(WHOLE, Sample(data={"name": '"><script>alert(1)</script>', "note": "</textarea><img>", "role": "talk"}))
    assert "<script" not in html
    assert "<img" not in html
    assert Page(html).by_id["role-1"].get("checked", "missing") != "missing"


def test_there_is_one_token_and_it_has_no_id(draw: Any) -> None:
    tokens = [found for _, found in Page(draw(WHOLE, Sample())).tags if found.get("name") == "csrf_token"]
    assert tokens == [{"type": "hidden", "name": "csrf_token", "value": "token"}]
