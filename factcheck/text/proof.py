"""Prove again what comes from a file: quotes, ids, and `text` that holds the quoted words and nothing else unbracketed.

What cannot be proved is what only a reader knows: a kind, a topic, whether somebody said what stands beside a name.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from itertools import pairwise

from factcheck.ids import carried, content_id, document_id, evidence_id
from factcheck.models import Check, Claim, Document, Evidence, Finding, Quote
from factcheck.text.names import folded

NOTE = re.compile(r"\[[^\[\]]*\]")
DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")


def document_flaw(document: Document) -> str | None:
    """Why a document cannot be what it says, or None."""
    text = document.text
    if hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() != document.sha256:
        return f"the text of document {document.id} is not the one of its hash"
    if document.id != document_id(document) or document.characters != len(text):
        return f"document {document.id} does not have the id and length of its text and fields"
    if unicodedata.normalize("NFC", text) != text or "\r" in text or "\0" in text:
        return f"the text of document {document.id} is not canonical"
    return None


def claim_flaw(claim: Claim, document: Document) -> str | None:
    """Why a claim cannot have been made from a document, or None."""
    return words_flaw(claim, document) or _id_flaw(claim, document) or _attribution_flaw(claim, document)


def words_flaw(claim: Claim, document: Document) -> str | None:
    """Why the words that a claim shows are not those of its document, or None."""
    return _quotes_flaw(f"claim {claim.id}", claim.quotes, document) or _order_flaw(claim) or _text_flaw(claim)


def evidence_flaw(evidence: Evidence, document: Document) -> str | None:
    """Why the words of a piece of evidence are not those of its document, or None."""
    name = f"evidence {evidence.id}"
    if flaw := _quotes_flaw(name, evidence.quotes, document):
        return flaw
    if evidence.origin_of is not None and evidence.independent:
        return f"{name} has an origin and is called independent"
    return None


def evidence_id_flaw(evidence: Evidence) -> str | None:
    """Why a piece of evidence cannot have the id that it has, or None."""
    spans = [(q.start, q.end) for q in evidence.quotes]
    if evidence.id == evidence_id(evidence.claim_id, evidence.document_id, evidence.relation, spans):
        return None
    return f"evidence {evidence.id} does not have the id of its claim, words and relation"


def check_flaw(check: Check, evidence: Mapping[str, Evidence]) -> str | None:
    """Why what a check says was found cannot be, or None; `evidence` has the pieces of its report by id."""
    own = [evidence[key] for key in check.evidence if key in evidence]
    if len(own) < len(check.evidence) or any(piece.claim_id != check.claim_id for piece in own):
        return f"evidence of the check of claim {check.claim_id} is missing"
    if check.outcome != "nothing_found" and not own:
        return f"the check of claim {check.claim_id} has an outcome and no words of any document"
    return None


def _quotes_flaw(name: str, quotes: Sequence[Quote], document: Document) -> str | None:
    text = document.text
    for quote in quotes:
        if not 0 <= quote.start < quote.end or text[quote.start : quote.end] != quote.exact:
            return f"the quote of {name} does not stand in its document"
        if not (text[: quote.start].endswith(quote.prefix) and text[quote.end :].startswith(quote.suffix)):
            return f"the words around the quote of {name} do not stand there"
    return None if quotes else f"the quote of {name} does not stand in its document: it has none"


def _order_flaw(claim: Claim) -> str | None:
    """Quotes of a claim follow each other; those of evidence may overlap."""
    apart = all(a.end <= b.start for a, b in pairwise(claim.quotes))
    return None if apart else f"the quote of claim {claim.id} does not stand in its document: its parts overlap"


def _text_flaw(claim: Claim) -> str | None:
    quoted = " … ".join(" ".join(quote.exact.split()) for quote in claim.quotes)
    if _bare(claim.text) == _bare(quoted):
        return None
    return f"the text of claim {claim.id} is not its quoted words with additions in [brackets]"


def _bare(text: str) -> str:
    """A text without what stands in brackets, and without spaces."""
    found = 1
    while found:
        text, found = NOTE.subn(" ", text)
    return "".join(text.split())


def _id_flaw(claim: Claim, document: Document) -> str | None:
    if claim.document_id == document.id and carried(claim, document).id == claim.id:
        return None
    return f"claim {claim.id} does not have the id of its quotes and speaker"


def _attribution_flaw(claim: Claim, document: Document) -> str | None:
    said = claim.attribution
    if (said.speaker is None) != (said.voice == "own"):
        return f"claim {claim.id} is in nobody's voice"
    people = (said.as_written or said.speaker, claim.target_as_written or claim.target)
    for name in people if said.voice != "anonymous" else people[1:]:
        if name and not names_in(name, document.text, document.title, document.publisher, document.author):
            return f"claim {claim.id} names {name}, of whom its document does not speak"
    if said.cue is not None and said.cue not in document.text:
        return f"the verb of claim {claim.id} does not stand in its document"
    if said.stated_on is not None and not DATE.fullmatch(said.stated_on):
        return f"claim {claim.id} was said on no date"
    return None


def finding_flaw(finding: Finding) -> str | None:
    """Why a finding cannot be about its two claims, or None."""
    if finding.a == finding.b or finding.id != content_id("f", *sorted((finding.a, finding.b))):
        return f"finding {finding.id} does not have the id of its two claims"
    return None


def names_in(name: str, *texts: str | None) -> bool:
    """Whether a word of a name stands in one of the texts, its ending, case and accents aside."""
    stems = [word[: max(2, len(word) - 3)] for word in folded(name).split() if len(word) > 1]
    hay = " ".join(folded.__wrapped__(text) for text in texts if text)
    return not stems or any(stem in hay for stem in stems)
