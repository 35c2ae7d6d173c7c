"""Make a mail that was taken apart into articles: its own text, earlier mails within it, and what is left out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from factcheck.inputs.article import Article, Inside, Part, UnreadableError, canonical
from factcheck.inputs.leftout import LeftOuts, tidy, words_only
from factcheck.inputs.replies import Earlier, split
from factcheck.originals import LeftOut
from factcheck.text.invisible import line

DOCUMENTS = (".pdf", ".docx", ".doc", ".html", ".txt", ".md", ".odt", ".rtf", ".xlsx", ".csv", ".epub", ".zip", ".pptx")
"""Attachments that may hold an article; pictures and signatures do not."""

MAX_NAME = 200
MAX_COVER = 10
COVER = re.compile(
    r"attach|enclos|forward|\bfwd?\b|\bfyi\b|see below|anbei|anhang|angehängt|weitergeleitet|beigefügt|joint|adjunt"
    r"|allegat"
    r"|anexo|bijlage|bifog|vedlagt|vedhæft|liite|załącz|вложен|прилож|додат|附件|添付|첨부|ekte",
    re.IGNORECASE,
)
"""Words of a mail that only hands on what is attached to it."""

SIGNATURE = re.compile(r"\n-- ?\n(?!.*\n-- ?\n)", re.DOTALL)
FURNITURE = re.compile(
    r"unsubscribe|view (?:this |it )?(?:e-?mail |newsletter )?(?:in|with) (?:your |a )?browser|(?:update|manage)"
    r" (?:your )?(?:e-?mail )?preferences|abmelden|abbestellen|abzumelden|im browser (?:ansehen|anzeigen|öffnen)"
    r"|se désabonner|désinscrire"
    r"|dans (?:votre|le) navigateur|darse de baja|cancelar (?:la )?suscripción"
    r"|en el navegador|annulla l'iscrizione|disiscri|uitschrijven|avsluta prenumeration|peruuta tilaus|wypisz się"
    r"|отписаться|отказаться от рассылки|配信停止",
    re.IGNORECASE,
)
"""What newsletters say around their articles."""

MAX_FURNITURE = 40
"""Words of a paragraph that is only about the newsletter itself."""


STUB = 0.5
"""Share of the words of the HTML below which a plain text is only a notice in its place."""

WORD = re.compile(r"\w+")


class Letter(NamedTuple):
    """A mail taken apart; texts may hold places of what was left out."""

    text: str
    fields: Mapping[str, str | None]
    fields_from: Mapping[str, str] = {}
    headers: Sequence[str] = ()
    """Lines of its head that are no field."""
    attached: Sequence[Inside] = ()
    """Mails that are attached to it."""
    files: Sequence[str] = ()
    """Names of attachments that are not read."""
    notes: Sequence[tuple[str, str]] = ()


def parts_of(letter: Letter, left: LeftOuts) -> list[Part]:
    """The articles of a mail and the mails that are attached to it. Raises UnreadableError where there are none."""
    told = split(_without_furniture(letter.text, left))
    own, head = _own(told.own, letter, left)
    notes = [*letter.notes, *_not_read(letter.files)]
    if told.is_woven:
        notes.append(("quoted_mail", "answers between lines of an earlier mail, which are kept with > before them"))
    earlier = [_earlier(item, n, left) for n, item in enumerate(told.earlier, 1)]
    earlier = [article for article in earlier if _has_words(article.text)]
    attached = list(letter.attached)
    settled = left.settle(own)
    if attached and _is_cover(settled.text):
        cover = LeftOut(kind="other", text=" ".join(settled.text.split()), at=0, note="text of the mail around it")
        attached[0] = attached[0]._replace(around=(cover, *head) if _has_words(settled.text) else head)
    elif _has_words(settled.text):
        whole = (*head, *settled.left_out)
        first = Article(settled.text, letter.fields, (), tuple(notes), None, whole, letter.fields_from)
        return [first, *earlier, *attached]
    elif earlier:
        whole = (*head, *settled.left_out, *earlier[0].left_out)
        earlier[0] = earlier[0]._replace(left_out=whole, notes=tuple(notes))
    elif not attached:
        raise UnreadableError("empty", "is a mail without a text")
    return [*earlier, *attached]


def compared(said: str, shown: str, left: LeftOuts) -> tuple[bool, str]:
    """Whether the HTML of a mail is read and not its plain text, and a place for what only the other one holds."""
    own, other = _words(said), _words(shown)
    if own.total() < other.total() and (own & other).total() < STUB * other.total():
        return True, left.place("other", _lacking(said, shown), "plain text in place of the HTML")
    return False, left.place("other", _lacking(shown, said), "only in the HTML")


def _lacking(text: str, other: str) -> str:
    """The lines of a text of which most does not stand in the other one: sequences of three words are compared."""
    there = {size: _runs(other, size) for size in (1, 2, 3)}
    found = []
    for row in text.split("\n"):
        size = min(max(len(WORD.findall(row)), 1), 3)
        runs = _runs(row, size)
        if len(runs & there[size]) * 2 < len(runs):
            found.append(row)
    return "\n".join(found)


def _runs(text: str, size: int) -> set[tuple[str, ...]]:
    words = WORD.findall(text.casefold())
    return {tuple(words[n : n + size]) for n in range(len(words) - size + 1)}


def _words(text: str) -> Counter[str]:
    return Counter(WORD.findall(text.casefold()))


def _own(text: str, letter: Letter, left: LeftOuts) -> tuple[str, tuple[LeftOut, ...]]:
    """What its author wrote, without the signature, and what stands in its head."""
    names = [name for name in letter.files if name]
    end = "".join(left.place("attachment", name, "not read") for name in names)
    if match := SIGNATURE.search(f"\n{text}"):
        at = match.start()
        end = left.place("signature", text[max(at + len(match[0]) - 1, 0) :]) + end
        text = text[: max(at - 1, 0)] if at else ""
    head = tuple(LeftOut(kind="header", text=words, at=0) for words in letter.headers if _has_words(words))
    return canonical(tidy(text.strip())) + end, head


def _earlier(item: Earlier, number: int, left: LeftOuts) -> Article:
    settled = left.settle(canonical(tidy(item.text.strip())))
    head = tuple([LeftOut(kind="header", text=words_only(item.head), at=0)] if _has_words(item.head) else [])
    fields = {"title": line(item.title, 500), "author": line(item.author, MAX_NAME), "published": item.published}
    said = {name: "the lines above the earlier mail" for name, value in fields.items() if value}
    notes = () if item.author else (("quoted_mail", "is an earlier mail that does not say whose it is"),)
    return Article(settled.text, fields, (), notes, f"earlier mail {number}", (*head, *settled.left_out), said)


def _without_furniture(text: str, left: LeftOuts) -> str:
    """The text with places for what a newsletter says of itself."""
    if not FURNITURE.search(text):
        return text
    return "\n\n".join(
        left.place("navigation", part) or part
        if FURNITURE.search(part) and len(part.split()) <= MAX_FURNITURE
        else part
        for part in text.split("\n\n")
    )


def _is_cover(text: str) -> bool:
    words = text.split()
    return not _has_words(text) or (len(words) <= MAX_COVER and bool(COVER.search(text)))


def _not_read(files: Sequence[str]) -> list[tuple[str, str]]:
    readable = [name for name in files if name.lower().endswith(DOCUMENTS)]
    if not readable:
        return []
    return [("attachment", f"attachments were not read: {', '.join(readable)}; save and name them to read them")]


def _has_words(text: str) -> bool:
    return any(char.isalnum() for char in words_only(text))
