"""The questionnaire as values: sections, fields, options, and when a field is asked. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from practice.languages import DEFAULT, N_
from practice.regions import names_in
from practice.telling.tongues import TONGUES

MOMENTS = ("book", "pay", "invite", "session")
SESSION = "session"
FIRST_MOMENT = MOMENTS[0]
BOOKER, PARTNER = "booker", "partner"  # who answers: the person who booked, or whom they invited
JUST_FOR_YOU = "just_for_you"
PARTNERS_FIRST = ("start", JUST_FOR_YOU)  # what the invited partner is asked before everything else
TURNS = (1, 2)
KINDS = (
    "checkbox", "radio", "radio_from", "checkboxes", "region", "text", "textarea", "email", "tel", "date",
    "zero_to_ten",
)  # fmt: skip
TYPED = frozenset({"text", "textarea", "email", "tel", "date"})
TICKED = "yes"  # the code that a ticked checkbox stands for
DEFAULT_LONGEST = 200
SKIPPED = N_("Left empty")
TICKED_SAID = N_("Yes")

Answer = str | tuple[str, ...]
Answers = Mapping[str, Answer]  # by field; a field that was shown and left empty has "" or ()


@dataclass(frozen=True)
class Option:
    """One answer that can be chosen: its code is stored, its label is shown."""

    code: str
    label: str


@dataclass(frozen=True)
class Condition:
    """Something that must hold of an earlier answer. Nothing holds of a question that was not answered yet."""

    field: str
    any_of: frozenset[str] = frozenset()
    none_of: frozenset[str] = frozenset()
    at_least: int = 1

    def holds(self, answers: Answers) -> bool:
        """Whether the answer so far satisfies it."""
        chosen = set(chosen_codes(answers, self.field))
        if len(chosen) < self.at_least or chosen & self.none_of:
            return False
        return not self.any_of or bool(chosen & self.any_of)


@dataclass(frozen=True)
class Field:
    """One question. `longest` counts characters of typed text; `most` limits how many options can be chosen.

    `alone` are the codes that can't be chosen together with another; `notice` is read before the question. `turn` is 2
    where the section is asked on two pages, and the first must be answered before this can be asked.
    """

    name: str
    moment: str
    kind: str
    question: str
    required: bool
    who: str
    visibility: str
    private: bool = False
    hint: str = ""
    missing: str = ""
    options: tuple[Option, ...] = ()
    options_from: str | None = None
    when: tuple[Condition, ...] = ()
    longest: int = DEFAULT_LONGEST
    most: int | None = None
    autocomplete: str = "off"
    alone: frozenset[str] = frozenset()
    notice: str = ""
    turn: int = 1

    @property
    def may_be_shared(self) -> bool:
        """Whether its author chooses who may speak of the answer (practice/intake/lanes.py)."""
        return self.visibility == "own" and not self.private

    @property
    def write_only(self) -> bool:
        """Whether the answer is never shown again to the person who gave it."""
        return self.private or self.visibility == "clin"

    @property
    def multiple(self) -> bool:
        """Whether the answer is a tuple of codes."""
        return self.kind == "checkboxes"

    @property
    def empty(self) -> Answer:
        """The answer of somebody who was asked and left it empty."""
        return () if self.multiple else ""


@dataclass(frozen=True)
class Section:
    """One topic."""

    id: str
    title: str
    intro: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Page:
    """The part of one section that is asked at one moment. Pages are numbered from 1."""

    number: int
    section: Section
    fields: tuple[Field, ...]

    @property
    def moment(self) -> str:
        """When it is asked."""
        return self.fields[0].moment

    @property
    def continued(self) -> bool:
        """Whether an earlier page asked the first half of this section."""
        return self.fields[0].turn > TURNS[0]


@dataclass(frozen=True)
class Questionnaire:
    """One version of all questions, in one language. `hash` is the SHA-256 (hex) of its data: two with the same hash
    are the same, whatever the language. `ticked` and `skipped` are what said() calls a ticked box and an empty answer.
    """

    version: str
    hash: str
    sections: tuple[Section, ...]
    language: str = DEFAULT
    ticked: str = TICKED_SAID
    skipped: str = SKIPPED

    def spoken_in(self, language: str, say: Callable[[str], str]) -> Questionnaire:
        """The same with the words of said() in this language, as `say` finds them; those of its questions stay."""
        return replace(self, language=language, ticked=say(TICKED_SAID), skipped=say(SKIPPED))

    def fields(self) -> Iterator[Field]:
        """Every field, in the order of asking."""
        for section in self.sections:
            yield from section.fields

    def field(self, name: str) -> Field:
        """The field of that name.

        :raises KeyError: when there is none.
        """
        for field in self.fields():
            if field.name == name:
                return field
        raise KeyError(name)

    def for_partner(self) -> Questionnaire:
        """What the invited partner is asked of it: all before the session, and *Just for you* before the rest.

        Where the person who booked is asked at two moments, and the second builds on the first, a partner is asked on
        two pages.
        """
        sections = [_for_partner(section) for section in self.sections]
        first = [section for wanted in PARTNERS_FIRST for section in sections if section.id == wanted]
        rest = [section for section in sections if section not in first]
        return replace(self, sections=tuple(section for section in (*first, *rest) if section.fields))

    def pages(self, moment: str) -> tuple[Page, ...]:
        """One page for each section, or turn of one, that asks something at this moment."""
        asked = [
            (section, tuple(f for f in section.fields if f.moment == moment and f.turn == turn))
            for section in self.sections
            for turn in TURNS
        ]
        kept = [(section, fields) for section, fields in asked if fields]
        return tuple(Page(number, section, fields) for number, (section, fields) in enumerate(kept, start=1))

    def askable(self, page: Page, before: Answers) -> tuple[Field, ...]:
        """The fields of a page that are called for, or may come to be by what is answered on that page itself."""
        shown, here, possible = self.shown(before), {field.name for field in page.fields}, set[str]()
        for field in page.fields:
            if all(
                condition.field in possible
                if condition.field in here
                else condition.field in shown and condition.holds(before)
                for condition in field.when
            ):
                possible.add(field.name)
        return tuple(field for field in page.fields if field.name in possible)

    def asked_pages(self, moment: str, answers: Answers) -> tuple[Page, ...]:
        """The pages of that moment that have something to ask, by the answers so far."""
        return tuple(page for page in self.pages(moment) if self.askable(page, answers))

    def shown(self, answers: Answers) -> frozenset[str]:
        """The names of the fields that these answers call for, whatever their moment."""
        names: set[str] = set()
        for field in self.fields():
            # A condition on a question that is not asked (any more) does not hold, whatever was answered to it once.
            if all(condition.field in names and condition.holds(answers) for condition in field.when):
                names.add(field.name)
        return frozenset(names)

    def choices(self, field: Field, answers: Answers) -> tuple[Option, ...]:
        """What can be chosen; for a field that builds on another, what was chosen there."""
        if field.kind == "region":
            return tuple(Option(code, name) for code, name in names_in(self.language).items())
        if field.kind == "zero_to_ten":
            return tuple(Option(str(number), str(number)) for number in range(11))
        if field.options_from is not None:
            chosen = chosen_codes(answers, field.options_from)
            return tuple(option for option in self.field(field.options_from).options if option.code in chosen)
        return field.options

    def unknown_codes(self, answers: Answers) -> list[str]:
        """The names of the fields whose answer is no answer of this questionnaire, in no order that matters."""
        wrong = [name for name in answers if name not in {field.name for field in self.fields()}]
        for field in self.fields():
            known = {option.code for option in self.choices(field, answers)}
            if field.kind == "checkbox":
                known = {TICKED}
            if field.kind not in TYPED and not set(chosen_codes(answers, field.name)) <= known:
                wrong.append(field.name)
        return wrong

    def said(self, field: Field, answers: Answers) -> str:
        """The answer in words, as on the page that asked."""
        if field.kind == "date" and answers.get(field.name):
            return TONGUES[self.language].distant_date(date.fromisoformat(str(answers[field.name])))
        if field.kind in TYPED:
            return str(answers.get(field.name) or self.skipped)
        if field.kind == "checkbox":
            return self.ticked if answers.get(field.name) == TICKED else self.skipped
        labels = {option.code: option.label for option in self.choices(field, answers)}
        return "; ".join(labels.get(code, code) for code in chosen_codes(answers, field.name)) or self.skipped


def chosen_codes(answers: Answers, name: str) -> tuple[str, ...]:
    """What was answered, as a tuple; empty when nothing was."""
    answer = answers.get(name, ())
    if isinstance(answer, str):
        return (answer,) if answer else ()
    return answer


def _for_partner(section: Section) -> Section:
    fields = tuple(field for field in section.fields if field.who == "both")
    first = {field.name for field in fields if field.moment == FIRST_MOMENT}
    builds = any(
        field.name not in first and first & {*(condition.field for condition in field.when), field.options_from}
        for field in fields
    )
    return replace(
        section,
        fields=tuple(
            replace(field, moment=SESSION, turn=TURNS[1] if builds and field.name not in first else TURNS[0])
            for field in fields
        ),
    )
