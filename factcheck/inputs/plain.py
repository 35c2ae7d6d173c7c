"""Read Markdown and text, with front matter, and transcripts whose lines say who speaks when."""

from __future__ import annotations

import codecs
import re

from factcheck.inputs.article import Article, Original, UnreadableError, canonical
from factcheck.inputs.frontmatter import front_matter
from factcheck.inputs.kinds import unknown_ending
from factcheck.inputs.leftout import LeftOuts, plain, tidy
from factcheck.inputs.transcripts import clock, transcript
from factcheck.originals import Mark
from factcheck.plural import counted, was
from factcheck.text.dates import iso_date

__all__ = ["FIELDS", "article_of", "clock", "decoded", "iso_date", "read_text", "time_marks"]

FIELDS = ("title", "publisher", "published", "url", "language", "author", "corrects", "retracts")
BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))

TIME_CODE = re.compile(
    r"^[ \t>*_]*[\[(]?(?:(\d{1,2}):)?([0-5]?\d):([0-5]\d)(?:[.,](\d{1,3}))?[\])]?(?=[\s\-–—:*_]|$)",
    re.MULTILINE | re.ASCII,
)
"""A line that begins with a moment: `[00:12:31]`, `12:31`, `(1:02:03)`."""

MARKDOWN = (".md", ".markdown")
STRUCK_TAGS = re.compile(r"<(del|s|strike)>([^<]{1,2000})</\1>", re.IGNORECASE)
MAX_STRUCK = 2_000
"""Characters between two `~~`; what is longer is no struck text but two pairs of marks."""

MIN_TIME_CODES = 3
"""Rising moments at line starts that make a text a transcript; two may be opening hours."""


def read_text(original: Original) -> list[Article]:
    """The one article of a text; what is wrong with its front matter becomes notes."""
    article = article_of(canonical(decoded(original.content)))
    is_markdown = original.place.lower().endswith(MARKDOWN) or original.media_type in {
        "text/markdown",
        "text/x-markdown",
    }
    if original.url is None and original.media_type is None and (ending := unknown_ending(original.place)):
        note = ("unknown_kind", f"ends in {ending}, which is not known; it was read as plain text")
        article = article._replace(notes=(*article.notes, note))
    return [_as_seen(article) if is_markdown else article]


def article_of(text: str) -> Article:
    """The article in a canonical text: front matter becomes fields, time codes become marks."""
    head = front_matter(text)
    text = text[head.end :].strip() if head.end else text
    left = LeftOuts()
    if spoken := transcript(plain(text), left):
        text, marks, left_out = left.settle(*spoken)
    else:
        marks, left_out = time_marks(text), ()
    whole = (*head.left_out, *left_out)
    return Article(text, head.fields, marks, head.notes, left_out=whole, fields_from=head.fields_from)


def _as_seen(article: Article) -> Article:
    """Markdown without the HTML comments that no reader of it sees, and without what is struck through."""
    left = LeftOuts()
    kept, at, comments = [], 0, 0
    source = plain(article.text)
    while (start := source.find("<!--", at)) >= 0 and (end := source.find("-->", start + 4)) >= 0:
        kept += [source[at:start], left.place("hidden", source[start + 4 : end], "comment")]
        at, comments = end + 3, comments + 1
    shown = _without_struck("".join([*kept, source[at:]]), left)
    text = STRUCK_TAGS.sub(lambda match: left.place("struck", match[2]), shown)
    settled = left.settle(canonical(tidy(text)).strip())
    if not settled.left_out and not comments:
        return article
    notes = [("hidden_text", f"{comments} comments were taken out")] if comments else []
    if struck := sum(item.kind == "struck" for item in settled.left_out):
        notes.append(("struck_text", f"{counted(struck, 'passage')} struck through {was(struck)} left out"))
    return article._replace(
        text=settled.text,
        marks=time_marks(settled.text),
        notes=(*article.notes, *notes),
        left_out=(*article.left_out, *settled.left_out),
    )


def _without_struck(text: str, left: LeftOuts) -> str:
    """The text with places for what stands between two `~~` of a line, as Markdown shows it struck through."""
    pieces = text.split("~~")
    kept = [pieces[0]]
    n = 1
    while n < len(pieces):
        inside = pieces[n]
        before, after = kept[-1][-1:], pieces[n + 1][:1] if n + 1 < len(pieces) else ""
        is_pair = n + 1 < len(pieces) and before not in {"~", "`"} and after not in {"~", "`"}
        if is_pair and inside.strip() == inside != "" and len(inside) <= MAX_STRUCK and not set("\n`~") & set(inside):
            kept += [left.place("struck", inside), pieces[n + 1]]
            n += 2
        else:
            kept += ["~~", inside]
            n += 1
    return "".join(kept)


def decoded(content: bytes) -> str:
    """The text of UTF-8, or of UTF-16 with its mark. Raises UnreadableError."""
    bom, encoding = next(((bom, name) for bom, name in BOMS if content.startswith(bom)), (b"", "utf-8"))
    if encoding == "utf-8" and b"\0" in content:
        raise UnreadableError("binary", "is not text (it holds NUL bytes)")
    try:
        return content[len(bom) :].decode(encoding)
    except UnicodeDecodeError as error:
        hint = "convert it, e.g. with iconv -f WINDOWS-1252 -t UTF-8" if not bom else "it is damaged; save it again"
        raise UnreadableError(
            "encoding", f"is not {encoding[:6].rstrip('-')} at byte {len(bom) + error.start}; {hint}"
        ) from None


def time_marks(text: str) -> tuple[Mark, ...]:
    """Where lines begin with a moment, if they rise through the text as they do in a transcript."""
    marks: list[Mark] = []
    last = -1.0
    for match in TIME_CODE.finditer(text):
        hours, minutes, seconds, fraction = match.groups()
        moment = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds) + float(f"0.{fraction or 0}")
        if moment < last:
            return ()
        last = moment
        marks.append(Mark(start=match.start(), time=clock(moment)))
    return tuple(marks) if len(marks) >= MIN_TIME_CODES else ()
