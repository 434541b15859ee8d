"""Documents in every version that anybody was ever shown, and who agreed to which."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from practice.consents.documents import AskedOf, Document, Wording
from practice.database import Model
from practice.kept import Kept
from practice.languages import DEFAULT
from practice.people import Person

CURRENT = "withdrawn_at IS NULL AND replaced_at IS NULL"


class ConsentText(Kept, Model):
    """One version of a document in one language. It is never changed and never deleted: what somebody agreed to can
    always be shown, in the words that they saw. English is there of every version."""

    __tablename__ = "consent_text"
    id: Mapped[int] = mapped_column(primary_key=True)
    document: Mapped[str] = mapped_column(String(20))  # its key, as in documents.KEYS
    version: Mapped[int]
    language: Mapped[str] = mapped_column(String(2), default=DEFAULT)
    title: Mapped[str] = mapped_column(String(120))
    summary: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)  # Markdown
    sha256: Mapped[str] = mapped_column(String(64))
    asked_of: Mapped[str] = mapped_column(String(10))
    required: Mapped[bool]
    policy: Mapped[str | None] = mapped_column(String(10))  # the secrets policy that a couple's document describes
    valid_from: Mapped[datetime]  # until the next version's
    written_by: Mapped[str] = mapped_column(String(60))  # as the audit log names them
    __table_args__ = (
        UniqueConstraint("document", "version", "language"),
        CheckConstraint("version > 0", name="version"),
        CheckConstraint("language IN ('en', 'es')", name="language"),
        CheckConstraint("asked_of IN ('everybody', 'couples', 'video', 'letters')", name="asked_of"),
    )

    def read(self) -> Document:
        """The same as a value."""
        return Document(
            number=self.id,
            key=self.document,
            version=self.version,
            language=self.language,
            wording=Wording(self.title, self.summary, self.body),
            sha256=self.sha256,
            asked_of=AskedOf(self.asked_of),
            required=self.required,
            valid_from=self.valid_from,
            policy=self.policy,
        )


class Consent(Model):
    """One person agreed to one version. It is added to and never taken away: the end of it is a time in the row."""

    __tablename__ = "consent"
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    text_id: Mapped[int] = mapped_column(ForeignKey("consent_text.id"), index=True)
    document: Mapped[str] = mapped_column(String(20))
    version: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))  # of the text that was shown
    given_at: Mapped[datetime]
    method: Mapped[str] = mapped_column(String(10))
    noted_by: Mapped[str | None] = mapped_column(String(60))  # who noted what was signed on paper
    withdrawn_at: Mapped[datetime | None]
    replaced_at: Mapped[datetime | None]  # they agreed to a later version
    person: Mapped[Person] = relationship()
    shown: Mapped[ConsentText] = relationship(lazy="joined", innerjoin=True)
    __table_args__ = (
        # At most one that stands, whoever presses twice.
        Index(
            "uq_consent_current",
            "person_id",
            "document",
            unique=True,
            sqlite_where=text(CURRENT),
            postgresql_where=text(CURRENT),
        ),
        CheckConstraint("method IN ('page', 'paper')", name="method"),
        CheckConstraint("(method = 'paper') = (noted_by IS NOT NULL)", name="paper_was_noted"),
    )

    @property
    def stands(self) -> bool:
        """Whether it was neither taken back nor replaced by a later version."""
        return self.withdrawn_at is None and self.replaced_at is None


STANDING = (Consent.withdrawn_at.is_(None), Consent.replaced_at.is_(None))
"""What is true of the one consent to a document that a person has given and not taken back."""
