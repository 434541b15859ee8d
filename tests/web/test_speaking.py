"""In which language an answer speaks: asked for, remembered, preferred, or English."""

from __future__ import annotations

import html
import re

import pytest
from markupsafe import Markup

from practice.languages import LANGUAGES
from practice.money import Money
from practice.presenting import either, fee, money
from practice.speaking import speaking
from tests.support.story import Practice

SPANISH, ENGLISH = '<html lang="es">', '<html lang="en">'
WISHES = {"Accept-Language": "es-MX,es;q=0.9,en;q=0.5"}


def test_a_browser_that_prefers_spanish_is_answered_in_it(practice: Practice) -> None:
    answer = practice.browser().get("/", headers=WISHES)

    assert SPANISH in answer.text
    assert "Ir al contenido" in answer.text
    assert {"Accept-Language", "Cookie"} <= set(answer.vary)


def test_what_was_asked_for_is_remembered_and_stands_above_what_is_preferred(practice: Practice) -> None:
    browser = practice.browser()

    asked = browser.get("/?lang=en", headers=WISHES)
    assert ENGLISH in asked.text
    cookie = asked.headers["Set-Cookie"]
    assert cookie.startswith("lang=en;")
    assert {"HttpOnly", "Secure", "SameSite=Lax"} <= set(cookie.split("; "))

    assert ENGLISH in browser.get("/fees", headers=WISHES).text
    assert SPANISH in browser.get("/?lang=es").text
    assert SPANISH in browser.get("/fees").text


@pytest.mark.parametrize("asked", ["fr", "", "es'", "en-US", "x" * 2000])
def test_a_language_that_we_do_not_speak_changes_nothing(practice: Practice, asked: str) -> None:
    answer = practice.browser().get("/", query_string={"lang": asked})

    assert answer.status_code == 200
    assert ENGLISH in answer.text
    assert "lang=" not in answer.headers.get("Set-Cookie", "")


def test_the_switch_leads_to_the_same_page_with_what_was_asked_of_it(practice: Practice) -> None:
    page = practice.browser().get("/times/ada-lindqvist?offering=couple-50&zone=America/Chicago").text

    assert "offering=couple-50" in page.partition('hreflang="es"')[0].rpartition("<a ")[2]
    assert "zone=America%2FChicago" in page.partition('hreflang="es"')[0].rpartition("<a ")[2]


@pytest.mark.parametrize("path", ["/", "/privacy", "/schedule", "/times/any", "/leave", "/therapists/ada-lindqvist"])
@pytest.mark.parametrize("name", ["endpoint", "_anchor", "_scheme", "_external", "_method", "values", "self", "slug"])
def test_the_switch_takes_whatever_an_address_says_as_it_is(practice: Practice, path: str, name: str) -> None:
    page = practice.browser().get(path, query_string={name: "1&2"})

    assert page.status_code == 200
    [link] = set(re.findall(r'<a href="([^"]+)" hreflang="es"', page.text))
    assert html.unescape(link) == f"{path}?{name}=1%262&lang=es"


def test_a_refusal_speaks_the_language_too(practice: Practice) -> None:
    answer = practice.browser().get("/nowhere?lang=es")

    assert answer.status_code == 404
    assert "Esta página no está aquí" in answer.text
    assert 'href="/?lang=en"' in answer.text


def test_the_desk_speaks_the_language_too(practice: Practice) -> None:
    page = practice.browser().get("/staff/sign-in?lang=es").text

    assert SPANISH in page
    assert "Lo que usted abre aquí queda anotado" in page


def test_whoever_writes_a_letter_chooses_its_language(practice: Practice) -> None:
    with practice.app.app_context():
        assert fee(Money(0, "USD")) == "without charge"
        with speaking("es"):
            assert fee(Money(0, "USD")) == "sin costo"
        assert fee(Money(0, "USD")) == "without charge"


@pytest.mark.parametrize(
    ("sum_", "said"),
    [(Money(18000, "GBP"), "£180"), (Money(1200050, "EUR"), "€12,000.50"), (Money(18000, "CAD"), "CA$180")],
)
def test_a_sum_has_its_sign_in_every_language(practice: Practice, sum_: Money, said: str) -> None:
    with practice.app.app_context():
        for language in LANGUAGES:
            with speaking(language):
                assert money(sum_) == said


def test_a_choice_reads_as_a_sentence_does_in_each_language(practice: Practice) -> None:
    link = Markup('<a href="/o">Olga</a>')
    with practice.app.app_context():
        assert [either(words) for words in ([], ["a"], ["a", "<b>"], ["a", "b", link])] == [
            "",
            "a",
            "a or &lt;b&gt;",
            'a, b or <a href="/o">Olga</a>',
        ]
        with speaking("es"):
            assert either(["Ana", link]) == 'Ana u <a href="/o">Olga</a>'
            assert either(["Ana", "Hortensia"]) == "Ana u Hortensia"
            assert either(["Olga", "Ana"]) == "Olga o Ana"
