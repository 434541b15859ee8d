"""How a document is answered as a file: a neutral name, and nothing that a cache may keep."""

from __future__ import annotations

from flask import Response

from practice.papers.models import Paper
from practice.papers.pdf import write_pdf
from practice.papers.queries import sheet_of, stamp_of


def pdf_answer(paper: Paper) -> Response:
    """The document as PDF. It is made now, from what is sealed, and kept nowhere.

    :raises CannotOpen: once its person is forgotten.
    """
    sheet = sheet_of(paper)
    answer = Response(write_pdf(sheet, stamp_of(paper, sheet), paper.issued_at), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="{paper.file_name}"'
    return answer
