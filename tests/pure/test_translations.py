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
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}
MARKED_TEMPLATES = [  # folders and files whose words are all marked
    "base.html",
    "billing/document.html",
    "billing/documents.html",
    "billing/parts.html",
    "booking/attending.html",
    "booking/booking.html",
    "booking/cancel.html",
    "booking/discreet.html",
    "booking/joining.html",
    "booking/move.html",
    "booking/questions.html",
    "booking/therapist.html",
    "booking/times.html",
    "booking/tonight.html",
    "booking/withdrawal.html",
    "consents",
    "embed",
    "errors",
    "intake",
    "macros/days.html",
    "macros/forms.html",
    "macros/terms.html",
    "macros/time.html",
    "papers",
    "partners",
    "payments",
    "portal",
    "pulse",
    "reminding",
    "review/ending_parts.html",
    "review/own_code.html",
    "review/own_request.html",
    "review/own_take_back.html",
    "rights/access/ask.html",
    "rights/access/record.html",
    "rights/access/what_you_can_do.html",
    "rights/access/whole.html",
    "rights/data.html",
    "rights/erasure.html",
    "rights/no_code.html",
    "rights/parts.html",
    "rights/record.html",
    "site",
    "waiting",
]
MARKED_CODE = [
    "billing/actions.py",
    "billing/queries.py",
    "billing/words.py",
    "booking/actions.py",
    "booking/claims.py",
    "booking/forms.py",
    "booking/holding.py",
    "booking/moving.py",
    "booking/moving_routes.py",
    "booking/openings.py",
    "booking/parts.py",
    "booking/placing.py",
    "booking/routes.py",
    "booking/showing.py",
    "booking/timetable.py",
    "booking/visitor.py",
    "booking/waiting",
    "booking/withdrawal.py",
    "calendars/appointments.py",
    "calendars/ics.py",
    "calendars/routes.py",
    "consents/actions.py",
    "consents/forms.py",
    "couples.py",
    "error_pages.py",
    "errors.py",
    "intake/actions.py",
    "intake/checks.py",
    "intake/code_gate.py",
    "intake/correct_routes.py",
    "intake/correcting.py",
    "intake/forms.py",
    "intake/lane_form.py",
    "intake/lanes.py",
    "intake/more_routes.py",
    "intake/questions.py",
    "intake/return_code_routes.py",
    "intake/return_forms.py",
    "intake/routes.py",
    "intake/stop_routes.py",
    "papers/estimate_words.py",
    "papers/estimates.py",
    "papers/kinds.py",
    "papers/layout.py",
    "papers/pdf.py",
    "papers/queries.py",
    "partners/actions.py",
    "partners/forms.py",
    "partners/joining.py",
    "partners/joining_routes.py",
    "partners/pausing.py",
    "partners/queries.py",
    "partners/routes.py",
    "payments/checkout.py",
    "payments/estimate_routes.py",
    "payments/fees/actions.py",
    "payments/fees/consents.py",
    "payments/fees/policy.py",
    "payments/fees/routes.py",
    "payments/opening.py",
    "payments/withdrawing.py",
    "people.py",
    "portal",
    "portal/discretion.py",
    "pulse",
    "reminding",
    "review/asking.py",
    "review/closing.py",
    "review/lifecycle.py",
    "review/request_pages.py",
    "rights/access/queries.py",
    "rights/access/routes.py",
    "rights/code_words.py",
    "rights/export.py",
    "rights/export_care.py",
    "rights/export_corrections.py",
    "rights/export_parts.py",
    "rights/forms.py",
    "rights/routes.py",
    "speaking.py",
    "tokens.py",
]
NOT_SHOWN: dict[str, set[str]] = {  # sentences of code that no reader of a page sees, by file
    "booking/actions.py": {"This session isn’t over", "Mark it once it and the pause after it are over."},
    "calendars/routes.py": {
        "That address has ended. Remove it in the calendar that read it.",
        "This account belongs to nobody who sees clients, so there is no calendar to share.",
    },
    "consents/actions.py": {
        "This says the same as it does now",
        "Change the words first, or leave it as it is: nobody has to be asked again.",
    },
    "error_pages.py": {"This name is not served here.\n"},
    "intake/actions.py": {
        "Somebody changed these lines while you had them open",
        "Nothing that you sent was saved. Look at them as they stand now, and change them once more.",
    },
    "papers/layout.py": {"MMMM d, yyyy"},
    "payments/fees/actions.py": {
        "That is more than may be charged",
        "Choose an amount up to what was agreed to, less what was paid.",
    },
    "people.py": {"Visitor | None"},
    "pulse/invariants.py": {
        "Every pulse answer is the only one of its person and period",
        "Every pulse answer opens with its own person's key",
    },
    "pulse/parsing.py": {"How it goes"},  # the title of a section that no page shows
    "reminding/invariants.py": {"Nobody is reminded of a session that doesn't stand"},
    "review/asking.py": {"Choose at least one question, or write one of your own.", "Nothing was asked yet"},
    "rights/forms.py": {
        "I have checked who asked, and that nothing else must stay",
        "Keep it to ",
        "They see these words on their own page.",
        "Tick this to say that you have checked.",
        "What they read",
        "Why it must stay",
        "Write what they should read.",
        "Write why, for whoever decides later.",
    },
}
PLACE = re.compile(r"%\((\w+)\)[sd]")
TAG = re.compile(r"</?\w+")
SAID_BY = {"_", "gettext", "ngettext", "pgettext", "npgettext"}
JINJA = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
OTHERS = [language for language in LANGUAGES if language != DEFAULT]


def files(names: list[str], ending: str, under: Path) -> list[Path]:
    """The files that a list of files and folders comes to."""
    found = [under / name for name in names]
    return [file for path in found for file in ([path] if path.is_file() else sorted(path.rglob(f"*{ending}")))]


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


def texts(message: Message) -> list[str]:
    """What a message says: one text, or one for each plural form."""
    return [message.string] if isinstance(message.string, str) else list(message.string)


@pytest.mark.parametrize("file", files(MARKED_TEMPLATES, ".html", PRACTICE / "templates"), ids=lambda path: path.name)
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


@pytest.mark.parametrize("file", files(MARKED_CODE, ".py", PRACTICE), ids=lambda path: path.name)
def test_code_says_nothing_to_readers_without_a_mark(file: Path) -> None:
    silent = NOT_SHOWN.get(str(file.relative_to(PRACTICE)), set())
    assert [said for said in in_code(file.read_text()) if said.partition(": ")[2] not in silent] == []


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


@pytest.mark.parametrize("word", ["personal clínico", "profesional clínico", "un profesional", "queda en pie"])
def test_spanish_has_one_word_for_one_thing(word: str) -> None:
    assert {file for file, text in spanish_said() if word in " ".join(text.split())} == set()
