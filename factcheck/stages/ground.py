"""Find every quoted word in its document. Only this module makes claims.

A quote is matched word for word on folded copies (see `folding`); the claim's quote is then copied from
the document. What does not match is rejected, never approximated.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from typing import NamedTuple

from factcheck.ids import claim_id
from factcheck.models import Attribution, Claim, Document, Quote
from factcheck.stages.drafts import Draft, Pointer, Rejection
from factcheck.text import cuts
from factcheck.text.folding import POINTS, Folded, fold, reference_end
from factcheck.text.sentences import Sentence, sentences_of
from factcheck.text.speaking import Names

CONTEXT = 32
"""Code points of prefix and suffix kept with a quote, as in W3C's TextQuoteSelector examples."""

ELSEWHERE_MIN_WORDS = 4
"""Words that a quote must have to be accepted outside the sentence that was named for it."""

GAP = re.compile(r"\[…\]|\[\.\.\.\]|…|\.\.\.")
OUTER = " .,;:!?…()[]{}*_«»\"'"
MARK_PAIRS = (("“", "”"), ("„", "“"), ("„", "”"), ("”", "”"), ("«", "»"), ("»", "«"), ("「", "」"), ('"', '"'))
SPACELESS = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN")
VOICED = frozenset("\u3099\u309a")
"""Marks of Japanese syllables, which stand apart in folded copies."""
PARTIAL_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")


class Span(NamedTuple):
    """Code points [start, end) of a document's text."""

    start: int
    end: int


class _NotFoundError(Exception):
    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


def ground(draft: Draft) -> Claim | Rejection:
    """Turn a draft into a claim whose quotes are spans of its document, or say why it cannot be done."""
    document = draft.document
    sentences = sentences_of(document.text, document.language)
    try:
        if not draft.pointers:
            raise _NotFoundError("no_quote", "no words were quoted")
        spans = _joined(document.text, [_locate(document, sentences, p) for p in draft.pointers])
        spans = widened(document, spans, names_of(draft))
    except _NotFoundError as error:
        return Rejection(draft, error.code, str(error))
    return _claim(draft, spans)


def _locate(document: Document, sentences: tuple[Sentence, ...], pointer: Pointer) -> Span:
    named = sentences[pointer.sentence - 1] if 0 < pointer.sentence <= len(sentences) else None
    words = pointer.words.strip()
    if named is None and not words:
        raise _NotFoundError("unknown_sentence", f"there is no sentence {pointer.sentence}")
    if named is not None and not words:
        return Span(named.start, named.end)
    found = _literal(document, named, words) or _elided(document, named, words)
    if found is None:
        raise _NotFoundError("not_in_text", f"these words are not in the document: {_short(words)}")
    return _with_marks(document.text, found)


def _with_marks(text: str, span: Span) -> Span:
    """The span with the quotation marks right outside it whose partners are inside."""
    inside, start, end = text[span.start : span.end], *span
    for opening, closing in MARK_PAIRS:
        same = opening == closing
        odd = same and inside.count(opening) % 2 == 1 and not (opening == "”" and set("“„") & set(inside))
        space = "" if same else r"\s?"
        lead = re.search(rf"{opening}{space}$", text[max(0, start - 2) : start])
        tail = re.match(rf"[.,!?…]?{space}{closing}", text[end : end + 3])
        closes = closing in inside and not -1 < inside.find(opening) < inside.find(closing)
        opens = opening in inside and inside.rfind(closing) < inside.rfind(opening)
        if lead and (odd if same else closes):
            start -= len(lead[0])
        elif tail and odd:
            end += tail.end()
        if tail and not same and opens:
            end += tail.end()
    return Span(start, end)


def _literal(document: Document, named: Sentence | None, words: str) -> Span | None:
    text = document.text
    if named is not None:
        near = occurrences(text, words, named)
        if near:
            return near[0]
    spans = occurrences(text, words)
    if len(spans) == 1 and _word_count(text[spans[0].start : spans[0].end]) >= ELSEWHERE_MIN_WORDS:
        return spans[0]
    if spans:
        raise _NotFoundError("wrong_sentence", f"these words are not in the sentence named: {_short(words)}")
    return None


def _elided(document: Document, named: Sentence | None, words: str) -> Span | None:
    """`first … last` inside one sentence: everything between belongs to the quote."""
    parts = GAP.split(words)
    if named is None or len(parts) != 2 or not all(part.strip(OUTER) for part in parts):  # noqa: PLR2004
        return None
    text = document.text[named.start : named.end]
    firsts, lasts = occurrences(text, parts[0]), occurrences(text, parts[1])
    pairs = [(f, last) for f in firsts for last in lasts if f.end <= last.start]
    if not pairs:
        return None
    first, last = pairs[0][0], max(pair[1] for pair in pairs)
    return Span(named.start + first.start, named.start + last.end)


def occurrences(text: str, words: str, near: Sentence | None = None) -> list[Span]:
    """Every place where the words stand in the text, word for word, typography aside.

    With `near` only the first that touches that sentence.
    """
    needle = _trimmed(fold(unicodedata.normalize("NFC", words)).chars)
    if not any(char.isalnum() for char in needle):
        return []
    hay = fold(text)
    low = max(0, bisect_left(hay.origin, near.start) - len(needle) + 1) if near else 0
    high = bisect_left(hay.origin, near.end) + len(needle) - 1 if near else len(hay.chars)
    found: list[Span] = []
    at = hay.chars.find(needle, low, high)
    while at != -1:
        end = at + len(needle)
        if _whole_words(text, hay, at, end):
            found.append(Span(hay.origin[at], _cover(text, hay.origin[end - 1])))
            if near:
                break
        at = hay.chars.find(needle, at + 1, high)
    return found


def _trimmed(needle: str) -> str:
    needle = needle.strip(OUTER)
    while needle.startswith("-") and not needle[1:2].isdigit():
        needle = needle[1:].strip(OUTER)
    return needle.rstrip("-" + OUTER)


def _cover(text: str, last: int) -> int:
    """The end of the character at `last` together with its combining marks."""
    end = reference_end(text, last)
    while end < len(text) and (POINTS.match(text, end) or unicodedata.category(text[end]) in {"Mn", "Me", "Cf"}):
        end += 1
    return end


def _whole_words(text: str, hay: Folded, at: int, end: int) -> bool:
    return _boundary(text, hay, at, opening=True) and _boundary(text, hay, end, opening=False)


def _boundary(text: str, hay: Folded, i: int, *, opening: bool) -> bool:
    """Whether a quote may start (or end) between the folded characters i-1 and i."""
    if i in {0, len(hay.chars)}:
        return True
    a, b = hay.chars[i - 1], hay.chars[i]
    if _in_word(a) and _in_word(b):
        return _spaceless(a) and _spaceless(b) and not (_numeric(a) and _numeric(b))
    if opening and a == "-":
        return not _hyphenated(text, hay, i - 1)
    if not opening and b == "-":
        return not _hyphenated(text, hay, i)
    if not opening and b == "'":
        return hay.chars[i + 1 : i + 2] == "s"
    if not opening and b in "%‰°":
        return not a.isdigit()
    return not _inside_number(hay.chars, i)


def _hyphenated(text: str, hay: Folded, dash: int) -> bool:
    """Whether the dash joins a word or signs a number, so that a cut there would change what is said."""
    at = hay.origin[dash]
    after = text[at + 1 : at + 2]
    if text[at] in "–—―":
        return after.isdigit() and text[at - 1 : at].isdigit()
    signs = after.isdigit() and (at == 0 or not text[at - 1].isalnum())
    joins = at > 0 and text[at - 1].isalnum() and after.isalnum()
    return signs or joins


def _inside_number(chars: str, i: int) -> bool:
    """Whether position i cuts `4,212`, `3.5` or `4 212 000` in two."""
    left = re.search(r"(?<!\d)(\d+)([.,:/ ]?)$", chars[max(0, i - 8) : i])
    right = re.match(r"([.,:/ ]?)(\d+)", chars[i : i + 8])
    if not left or not right or bool(left[2]) == bool(right[1]):
        return False
    if " " in (left[2] or right[1]):
        return len(left[1]) <= 3 and re.match(r"\d{3}(?!\d)", right[2]) is not None  # noqa: PLR2004
    return True


def _in_word(char: str) -> bool:
    return char.isalnum() or char == "_" or unicodedata.category(char)[0] == "M"


def _numeric(char: str) -> bool:
    return unicodedata.numeric(char, None) is not None


def _spaceless(char: str) -> bool:
    return char in VOICED or unicodedata.name(char, "").startswith(SPACELESS)


def _joined(text: str, spans: list[Span]) -> list[Span]:
    """Spans in order; those that touch or overlap, with only marks and space between, become one."""
    joined: list[Span] = []
    for span in sorted(set(spans)):
        if joined and (span.start <= joined[-1].end or not _in_words(text[joined[-1].end : span.start])):
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return joined


def _in_words(text: str) -> bool:
    return any(char.isalnum() for char in text)


def widened(document: Document, spans: list[Span], names: Names | None) -> list[Span]:
    """The spans of one quote, each as wide as it must be to leave out nothing that could change it (see `text/cuts`).

    One rule for claims, evidence, sides of findings and repairs. `names` is whoever is committed to the words as a
    model named them; with None, nothing that says who speaks is left out.
    """
    sentences = sentences_of(document.text, document.language)
    low = bisect_right(sentences, min(spans).start, key=lambda s: s.start) - 1
    high = bisect_left(sentences, max(span.end for span in spans), key=lambda s: s.start)
    near = sentences[max(0, low) : high]
    wide = [Span(*place) for place in cuts.widened(document.text, document.language, near, spans, names)]
    return _joined(document.text, [_with_marks(document.text, span) for span in wide])


def names_of(draft: Draft) -> Names | None:
    """Whoever is committed to a draft and those it came through, as the model names them; None for no speaker."""
    source = draft.source
    if source is None:
        return None
    others = (source.organisation, source.on_behalf_of, *draft.via, draft.document.publisher)
    return Names(source.name, source.role, tuple(filter(None, others)))


def _claim(draft: Draft, spans: list[Span]) -> Claim:
    document = draft.document
    return Claim(
        id=claim_id(document.id, spans, draft.source.name if draft.source else None),
        document_id=document.id,
        text=stand_alone(document.text, spans, draft.notes),
        kind=draft.kind,
        quotes=tuple(_quote(document, span) for span in spans),
        attribution=_attribution(draft, spans),
        target=draft.target,
        topic=draft.topic,
        checkworthy=draft.importance > 0,
        importance=draft.importance,
    )


def _quote(document: Document, span: Span) -> Quote:
    text, marks = document.text, [m for m in document.marks if m.start <= span.start]
    return Quote(
        exact=text[span.start : span.end],
        prefix=text[max(0, span.start - CONTEXT) : span.start],
        suffix=text[span.end : span.end + CONTEXT],
        start=span.start,
        end=span.end,
        page=next((m.page for m in reversed(marks) if m.page is not None), None),
        time=next((m.time for m in reversed(marks) if m.time is not None), None),
        machine=document.machine or ("recognised" if marks and marks[-1].box else None),
    )


def _attribution(draft: Draft, spans: list[Span]) -> Attribution:
    source = draft.source
    if source is None:
        return Attribution(speaker=None, via=draft.via, voice="own", stated_on=_date(draft))
    return Attribution(
        speaker=source.name,
        role=source.role,
        organisation=source.organisation,
        on_behalf_of=source.on_behalf_of,
        via=draft.via,
        cue=_cue(draft, spans),
        voice=draft.voice if source.named else "anonymous",
        stated_on=_date(draft),
    )


def _cue(draft: Draft, spans: list[Span]) -> str | None:
    """The reporting verb as the document has it nearest to the quote, or None where it does not stand there."""
    if not draft.cue:
        return None
    text = draft.document.text
    found = occurrences(text, draft.cue)
    if not found:
        return None
    nearest = min(found, key=lambda s: min(abs(s.start - span.end) + abs(span.start - s.end) for span in spans))
    return text[nearest.start : nearest.end]


def _date(draft: Draft) -> str | None:
    """The date that was given for the statement, unless it is no date or lies after publication."""
    date, published = draft.stated_on, draft.document.published
    if not date or not PARTIAL_DATE.fullmatch(date):
        return None
    if published and date[: len(published)] > published[: len(date)]:
        return None
    return date


def stand_alone(text: str, spans: list[Span], notes: tuple[str, ...]) -> str:
    """The quoted words with what they refer to added in [brackets]; every other word is the document's."""
    quoted = " … ".join(" ".join(text[span.start : span.end].split()) for span in spans)
    for note in notes:
        word, _, meaning = (part.strip() for part in note.partition("="))
        meaning = meaning.strip("[] ").replace("[", "(").replace("]", ")")
        if not meaning:
            continue
        at = re.search(rf"(?<!\w){re.escape(word)}(?!\w)(?![^\[]*\])", quoted, re.IGNORECASE) if word else None
        if at:
            quoted = f"{quoted[: at.end()]} [{meaning}]{quoted[at.end() :]}"
        elif not word:
            quoted = f"[{meaning}:] {quoted}"
    return quoted


def _short(words: str, limit: int = 80) -> str:
    words = " ".join(words.split())
    return f"“{words}”" if len(words) <= limit else f"“{words[:limit].rstrip()}…”"


def _word_count(text: str) -> int:
    """Words of a text; two characters count as one in scripts that put no spaces between words."""
    return sum(max(1, sum(map(_spaceless, word)) // 2) for word in re.findall(r"\w+", text))
