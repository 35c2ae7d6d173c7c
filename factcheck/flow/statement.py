"""One typed statement as a report of one claim, which evidence can be looked for."""

from __future__ import annotations

from factcheck.errors import UsageError
from factcheck.flow.run import run_of
from factcheck.inputs.documents import document_from_text
from factcheck.llm.client import Chat
from factcheck.models import Claim, Report
from factcheck.stages.drafts import Draft, Pointer, Source
from factcheck.stages.ground import PARTIAL_DATE, ground
from factcheck.stages.priority import ranked
from factcheck.text.sentences import sentences_of

NAME = "statement"
"""What messages call the document of a typed statement."""


def statement_report(statement: str, chat: Chat, *, speaker: str | None, date: str | None) -> Report:
    """A report whose only claim is the statement, made by `speaker` on `date` (ISO 8601, possibly partial).

    Raises UsageError for a statement without words or a date that is none.
    """
    if date is not None and not PARTIAL_DATE.fullmatch(date):
        raise UsageError(f"--date {date}: is no date; write 2024-06-14, 2024-06 or 2024")
    if not any(char.isalnum() for char in statement):
        raise UsageError("the statement holds no words")
    try:
        document = document_from_text(statement, published=date, path=NAME)
    except ValueError as error:
        raise UsageError(f"the statement cannot be used ({error})") from None
    pointers = tuple(Pointer(s.number, "") for s in sentences_of(document.text, document.language))
    source = Source(speaker) if speaker else None
    made = ground(Draft(document, pointers, source, "assertion", "", "direct" if source else "own", importance=2))
    if not isinstance(made, Claim):
        raise UsageError(f"the statement cannot be used ({made.reason})")
    return Report(
        run=run_of(chat, {}, [document]),
        documents=(document,),
        claims=tuple(ranked([made], {document.id: document})),
        findings=(),
        problems=(),
    )
