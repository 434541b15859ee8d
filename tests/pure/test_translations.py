"""Every sentence of the pages is marked, and every language's catalogues say every sentence, with the same values."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

from practice.languages import DEFAULT, LANGUAGES
from practice.speaking import CATALOGUES, translations
from tests.support.untranslated import in_code, in_template

PRACTICE = Path(__file__).parents[2] / "practice"
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "_l": None,
    "N_": None,
    "NN_": (1, 2),
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}
UNMARKED_TEMPLATES = ("design", "macros/languages.html")  # the page for whoever builds the product; an attribute
# What speaks to whoever runs a machine or builds the product, and tables of names that each language says by itself.
UNMARKED_CODE = ("cli.py", "demo", "design", "regions.py", "sandbox", "settings.py", "telling")
FOR_THE_MACHINE = ("commands.py", "invariants.py")
NOT_SHOWN: dict[str, set[str]] = {  # sentences of code that no reader of a page sees, by file
    "calendars/caldav/providers.py": {"Apple iCloud"},
    "calendars/queries.py": {"All sessions"},  # the name of a feed, from when there was one for everybody
    "calendars/reading/zones.py": {
        "ATLANTIC TIME (CANADA)",
        "CENTRAL TIME (US & CANADA)",
        "COORDINATED UNIVERSAL TIME",
        "DUBLIN, EDINBURGH, LISBON, LONDON",
        "EASTERN TIME (US & CANADA)",
        "MOUNTAIN TIME (US & CANADA)",
        "PACIFIC TIME (US & CANADA)",
    },
    "database.py": {
        "BEGIN IMMEDIATE",
        "PRAGMA busy_timeout=",
        "PRAGMA busy_timeout=0",
        "PRAGMA wal_checkpoint(TRUNCATE)",
    },
    "error_pages.py": {"This name is not served here.\n"},
    "first_run.py": {  # what a new practice begins with, in each language
        "Apego y reparación de la confianza, para parejas y personas.",
        "Attachment and trust repair for couples and individuals.",
        "Couples therapist",
        "Terapeuta de parejas",
        "This practice is set up already.",
    },
    "notes/guards.py": {"CREATE OR REPLACE FUNCTION ", "CREATE TRIGGER "},
    "notify/samples.py": {  # what a sample letter's places hold where their own form is not known
        "Friday 6 March (Eastern Time)",
        "Lantern House",
        "Monday 9 March, 8:00 am Eastern Time",
        "Tuesday 10 March, 3:00 pm Eastern Time",
    },
    "numbers/drawing.py": {"Avenir Next, Seravek, Segoe UI, Roboto, Ubuntu, Noto Sans, Liberation Sans, sans-serif"},
    "papers/layout.py": {"MMMM d, yyyy"},
    "payments/stripe_asking.py": {
        "Your card is authorized now. It is charged only once your appointment is confirmed.",
    },
    "people.py": {"Visitor | None"},
    "presenting.py": {"The practice"},  # the frame of an error where not even the practice can be read
    "profile.py": {"This practice is not set up yet. Its owner runs: practice init"},
    "pulse/parsing.py": {"How it goes"},  # the title of a section that no page shows
    "rights/rotation.py": {
        "A master key is missing",
        "Missing from the keys file: ",
        "Not every key is wrapped anew",
        "Nothing was changed. Put it back into the keys file from your copy of that file, then run it again.",
    },
    "setup/saying.py": {"There is nothing of this name or number. Look at the list first."},
    "staff/browsers.py": {"Samsung Internet"},
    "staff/forms.py": {"Ask the owner of the practice"},  # of a form whose view is shut
    "staff/security_config.py": {"Practice desk"},
    "wiring.py": {
        "Every consent names the kept text of its version",
        "Every feed shows each session once, as it stands",
        "Every version of every document is kept as it was hashed",
        "Every version of every document is there in English, and is asked alike in each language",
        "Letters go to whoever agreed to them",
        "Of each session that meets a busy time its therapist hears",
        "Of every estimate there is a letter, sent or on its way",
        "Whoever comes to a session without having booked it has a letter too",
        "Whoever should hear of a booking has a letter, sent or on its way",
    },
}
PLACE = re.compile(r"%\((\w+)\)[sd]")
TAG = re.compile(r"</?\w+")
SAID_BY = {"_", "gettext", "ngettext", "pgettext", "npgettext"}
BRITISH = re.compile(
    "(?i)authoris|apologis|organis|recognis|practis|licence|colour|behaviour|favour|centre|dialled|e-mail"
)
AS_IT_IS_PRESCRIBED = {"Apologise sincerely."}  # a step of the six, in the words of those who found them
INSIDE_A_TAG = r"(?:[^%]|%(?!\}))*"
RUN_TOGETHER = re.compile(
    r"[.?!:;)]\{%-? end(?:trans|if|for) %\}\n\s*(?:\{% (?:if|trans|for|set)\b" + INSIDE_A_TAG + r"%\})+(?=\w|<b>|<a )"
)
JINJA = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
OTHERS = [language for language in LANGUAGES if language != DEFAULT]


def files(ending: str, under: Path, but: tuple[str, ...]) -> list[Path]:
    """The files in a folder that readers of pages meet: all but those of these files and folders in it."""
    return [
        file for file in sorted(under.rglob(f"*{ending}")) if not any(file.is_relative_to(under / one) for one in but)
    ]


def name(path: Path) -> str:
    """How a test calls a file."""
    return str(path.relative_to(PRACTICE))


def said_in_source() -> Iterator[tuple[str | tuple[str, ...], str | None, str]]:
    """(message, context, file) of every marked sentence."""
    for path in sorted(PRACTICE.rglob("*")):
        kind = {".html": "jinja2", ".py": "python", ".txt": "jinja2"}.get(path.suffix)
        if kind is None or "translations" in path.parts:
            continue
        with path.open("rb") as file:
            options = {"trimmed": "true", "trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
            for _, message, _, context in extract(kind, file, KEYWORDS, options=options):
                yield (
                    (message if isinstance(message, str) else tuple(message)),
                    context,
                    str(path.relative_to(PRACTICE)),
                )


def catalogues(language: str) -> Iterator[tuple[str, Message]]:
    """(file, message) of every sentence that a language's catalogues have."""
    for path in sorted((CATALOGUES / language / "LC_MESSAGES").glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language, abort_invalid=True):
                if message.id:
                    yield path.name, message


def ids(message: Message) -> list[str]:
    """Its English: one text, or one and its plural."""
    return [message.id] if isinstance(message.id, str) else list(message.id)


def texts(message: Message) -> list[str]:
    """What a message says: one text, or one for each plural form."""
    return [message.string] if isinstance(message.string, str) else list(message.string)


@pytest.mark.parametrize("file", files(".html", PRACTICE / "templates", UNMARKED_TEMPLATES), ids=name)
def test_a_template_says_nothing_without_a_mark(file: Path) -> None:
    assert in_template(file.read_text()) == []


def imported_templates() -> set[str]:
    """The templates whose macros others import: what stands outside of a macro is made once for a whole process."""
    found = set()
    for path in sorted((PRACTICE / "templates").rglob("*.*")):
        tree = JINJA.parse(path.read_text())
        found |= {one.template.value for one in tree.find_all((nodes.FromImport, nodes.Import))}
    return found


def said_once(node: nodes.Node) -> list[int]:
    """The lines on which something is said in a language, outside of every macro."""
    if isinstance(node, nodes.Macro):
        return []
    here = [node.lineno] if isinstance(node, nodes.Name) and node.name in SAID_BY else []
    return here + [line for inner in node.iter_child_nodes() for line in said_once(inner)]


def test_what_is_kept_of_an_imported_template_is_in_no_language() -> None:
    imported = sorted(imported_templates())

    assert len(imported) > 5
    assert {name: said_once(JINJA.parse((PRACTICE / "templates" / name).read_text())) for name in imported} == {
        name: [] for name in imported
    }


def run_together(template: str) -> list[str]:
    """Ends of sentences with a tag that ends the line, and another that begins the next: no space is left between."""
    return [" ".join(found.group().split()) for found in RUN_TOGETHER.finditer(template)]


def test_a_sentence_with_nothing_before_the_next_is_found() -> None:
    apart = "{% trans %}One.{% endtrans %} {% if so %}{% trans %}Two.{% endtrans %}{% endif %}"

    assert run_together(apart) == []
    assert run_together(apart.replace("%} {%", "%}\n  {%")) == [".{% endtrans %} {% if so %}{% trans %}"]


@pytest.mark.parametrize("file", files(".html", PRACTICE / "templates", UNMARKED_TEMPLATES), ids=name)
def test_a_space_stands_between_two_sentences_of_a_template(file: Path) -> None:
    assert run_together(file.read_text()) == []


@pytest.mark.parametrize(
    "file",
    [one for one in files(".py", PRACTICE, UNMARKED_CODE) if not one.name.endswith(FOR_THE_MACHINE)],
    ids=name,
)
def test_code_says_nothing_to_readers_without_a_mark(file: Path) -> None:
    silent = NOT_SHOWN.get(str(file.relative_to(PRACTICE)), set())
    assert [said for said in in_code(file.read_text()) if said.partition(": ")[2] not in silent] == []


def test_what_an_error_is_called_is_a_sentence_of_the_code() -> None:
    """A page looks its title and way out up, as text with markup: what somebody typed goes into the explanation."""
    said = re.compile(r"\.(?:title|way_out) = ")
    found = [
        path.name for path in PRACTICE.rglob("*.py") for line in path.read_text().splitlines() if said.search(line)
    ]

    assert found == []


@pytest.mark.parametrize("language", OTHERS)
def test_every_marked_sentence_is_in_the_catalogues_and_no_other(language: str) -> None:
    marked = {(message, context) for message, context, _ in said_in_source()}
    written = {(tuple(m.id) if isinstance(m.id, (list, tuple)) else m.id, m.context) for _, m in catalogues(language)}

    assert sorted(map(str, marked - written)) == []
    assert sorted(map(str, written - marked)) == []


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_is_finished_and_keeps_the_values_and_the_markup(language: str) -> None:
    for file, message in catalogues(language):
        english = [message.id] if isinstance(message.id, str) else list(message.id)
        assert not message.fuzzy, (file, message.id)
        for text in texts(message):
            assert text.strip(), (file, message.id)
            assert sorted(TAG.findall(text)) == sorted(TAG.findall(english[-1])), (file, message.id)
            missing = set(PLACE.findall(english[-1])) ^ set(PLACE.findall(text))
            assert missing <= {"num"}, (file, message.id)  # "one" may be said without its number


@pytest.mark.parametrize("language", OTHERS)
def test_the_rooms_agree_on_what_a_sentence_is(language: str) -> None:
    said: dict[tuple[str, str | None], set[str]] = defaultdict(set)
    for _, message in catalogues(language):
        said[str(message.id), message.context].add(str(message.string))

    assert {key: several for key, several in said.items() if len(several) > 1} == {}


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_said_as_nothing(language: str) -> None:
    assert translations(language).gettext("") == ""


def spanish_files() -> list[Path]:
    """Every file of ours whose words are Spanish alone."""
    kept = [*PRACTICE.rglob("*.es.yaml"), *PRACTICE.glob("*/words/es.yaml"), *PRACTICE.glob("*/*/es/*.md")]
    return sorted(kept)


def spanish_said() -> Iterator[tuple[str, str]]:
    """(file, text) of everything that is said in Spanish."""
    for file, message in catalogues("es"):
        yield from ((file, text) for text in texts(message))
    for path in spanish_files():
        yield path.name, path.read_text(encoding="utf-8")


def test_spanish_quotes_as_docs_languages_says() -> None:
    assert len(spanish_files()) > 8
    assert {file for file, text in spanish_said() if re.search("[“”„]", text)} == set()
    assert {file for file, text in spanish_said() if text.count("«") != text.count("»")} == set()


def test_english_is_spelt_as_in_the_united_states() -> None:
    said = [re.sub(r"%\(\w+\)s", "", one) for _, message in catalogues("es") for one in ids(message)]

    assert len(said) > 3000
    assert [one for one in said if BRITISH.search(one) and one not in AS_IT_IS_PRESCRIBED] == []


@pytest.mark.parametrize("word", ["personal clínico", "profesional clínico", "un profesional", "queda en pie"])
def test_spanish_has_one_word_for_one_thing(word: str) -> None:
    assert {file for file, text in spanish_said() if word in " ".join(text.split())} == set()


def test_nothing_translated_is_made_small_letters_of_in_a_template() -> None:
    """What is small inside of an English sentence may be a name, or a noun, in another language."""
    compared = re.compile(r"{%-?\s*if\b.*?%}", re.DOTALL)
    made = [
        path.name
        for path in (PRACTICE / "templates").rglob("*.html")
        if "lower" in compared.sub("", path.read_text("utf-8"))
    ]
    assert made == []
