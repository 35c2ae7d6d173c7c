"""Read Markdown and text, with front matter, and the time codes of plain transcripts."""

from __future__ import annotations

import codecs
import datetime
import re
from collections.abc import Mapping

import yaml

from factcheck.inputs.article import Article, Original, UnreadableError, canonical
from factcheck.models import Mark

FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?\n)?---[ \t]*(?:\n|\Z)", re.DOTALL)
FIELDS = ("title", "publisher", "published", "url", "language", "author", "corrects", "retracts")
ISO_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?", re.ASCII)
BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))

TIME_CODE = re.compile(
    r"^[ \t>*_]*[\[(]?(?:(\d{1,2}):)?([0-5]?\d):([0-5]\d)(?:[.,](\d{1,3}))?[\])]?(?=[\s\-–—:*_]|$)",
    re.MULTILINE | re.ASCII,
)
"""A line that begins with a moment: `[00:12:31]`, `12:31`, `(1:02:03)`."""

MARKDOWN = (".md", ".markdown")
MAX_HEAD = 20_000
"""Characters of front matter; a longer head is no head, and YAML is slow."""

MIN_TIME_CODES = 3
"""Rising moments at line starts that make a text a transcript; two may be opening hours."""


def read_text(original: Original) -> list[Article]:
    """The one article of a text; what is wrong with its front matter becomes notes."""
    article = article_of(canonical(decoded(original.content)))
    is_markdown = original.place.lower().endswith(MARKDOWN) or original.media_type in {
        "text/markdown",
        "text/x-markdown",
    }
    return [_without_comments(article) if is_markdown else article]


def article_of(text: str) -> Article:
    """The article in a canonical text: front matter becomes fields, time codes become marks."""
    fields: dict[str, str | None] = {}
    notes: list[str] = []
    if head := FRONT_MATTER.match(text):
        notes = _front_matter(head[1] or "", fields)
        text = text[head.end() :].strip()
    return Article(text, fields, time_marks(text), tuple(("front_matter", message) for message in notes))


def _without_comments(article: Article) -> Article:
    """Markdown without the HTML comments that no reader of it sees."""
    kept, at = [], 0
    while (start := article.text.find("<!--", at)) >= 0 and (end := article.text.find("-->", start + 4)) >= 0:
        kept.append(article.text[at:start])
        at = end + 3
    if not kept:
        return article
    text = canonical("".join([*kept, article.text[at:]])).strip()
    note = ("hidden_text", f"{len(kept)} comments were taken out")
    return article._replace(text=text, marks=time_marks(text), notes=(*article.notes, note))


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


def iso_date(text: str) -> str | None:
    """The date without its time of day, or None where it is no date of the calendar."""
    date = re.split(r"[T ]", text, maxsplit=1)[0]
    try:
        datetime.date.fromisoformat(date + "-01-01"[: 10 - len(date)] if ISO_DATE.fullmatch(date) else text)
    except ValueError:
        return None
    return date


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


def clock(seconds: float) -> str:
    """A moment as `HH:MM:SS.mmm`."""
    whole = round(seconds * 1000)
    return f"{whole // 3_600_000:02}:{whole // 60_000 % 60:02}:{whole // 1000 % 60:02}.{whole % 1000:03}"


def _front_matter(head: str, fields: dict[str, str | None]) -> list[str]:
    """Fill in what the head gives, as it is written; returns what is wrong with it."""
    if len(head) > MAX_HEAD:
        return [f"the front matter is longer than {MAX_HEAD:,} characters and was left out"]
    try:
        values = yaml.load(head, Loader=yaml.BaseLoader) or {}  # noqa: S506  (strings only; `no` stays `no`)
    except yaml.YAMLError as error:
        return [f"the front matter is not YAML (line {_line_of(error, head)}) and was left out"]
    except RecursionError:
        return ["the front matter is nested too deeply and was left out"]
    if not isinstance(values, Mapping):
        return ["the front matter is not a list of `name: value` lines and was left out"]
    problems = []
    for name in FIELDS:
        value = values.get(name)
        text = " ".join(canonical(value).split()) if isinstance(value, str) else ""
        fields[name] = None if text in {"", "null", "~"} else text
    if (published := fields["published"]) is not None:
        fields["published"] = iso_date(published)
        if fields["published"] is None:
            problems.append(f"`published: {published[:40]}` is not a date like 2014-06-14 and was left out")
    return problems


def _line_of(error: yaml.YAMLError, head: str) -> int:
    """The line of the file in which YAML stumbled."""
    mark = getattr(error, "problem_mark", None)
    before = mark.line if mark else head[: getattr(error, "position", 0)].count("\n")
    return int(before) + 2
