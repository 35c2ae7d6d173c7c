"""Know what an article says of itself by the names that such fields have: in front matter, columns and JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from factcheck.inputs.article import canonical
from factcheck.originals import LeftOut
from factcheck.text.dates import Order, date_problem, read_date
from factcheck.text.invisible import line

NAMES = {
    "text": "text body content article articlebody fulltext maintext bodytext contenttext transcript texte texto testo "
    "inhalt артикул текст nội_dung 本文 正文 contenthtml bodyhtml html",
    "title": "title headline webtitle titel titre titulo título titolo otsikko rubrik заголовок 标题 タイトル",
    "publisher": "publisher source outlet site sitename newspaper publication medium quelle fuente fonte julkaisija",
    "published": "published date publishedat publishedon publishdate publicationdate datepublished pubdate "
    "firstpublished webpublicationdate issued created createdat datum fecha dato päivämäärä дата 日付 日期",
    "url": "url link address canonicalurl canonical permalink weburl sourceurl originalurl externalurl",
    "language": "language lang inlanguage sprache langue idioma lingua locale",
    "author": "author authors byline creator reporter autor autoren auteur autore kirjoittaja автор 著者 作者",
    "corrects": "corrects",
    "retracts": "retracts",
}
"""By preference; case, spaces, hyphens and underscores in a name do not matter."""

WANTED = {field: [name.replace("_", "") for name in names.split()] for field, names in NAMES.items()}
MAX_FIELD = 500
"""Characters of any field but the text."""

MAX_NODES = 2_000
MAX_DEPTH = 12
MAX_SHOWN = 2_000
"""Characters of a value that is not read but shown as left out."""

NAMED = ("name", "rendered", "title", "label", "value", "text")
"""Where objects hold what they are called."""

ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)


class Known(NamedTuple):
    """What was understood of the fields of an article."""

    fields: dict[str, str | None]
    fields_from: dict[str, str]
    problems: list[str]
    """Lines on fields that were understood in part or not at all."""
    unused: dict[str, str]
    """Names and values that are no field that is known here."""


def folded(name: str) -> str:
    """A field's name in the form in which it is compared."""
    return "".join(char for char in canonical(name).casefold() if char.isalnum())


def column_of(field: str, names: list[str]) -> int | None:
    """Which of these names means the field, by preference; None where none does."""
    given = [folded(name) for name in names]
    return next((given.index(wanted) for wanted in WANTED[field] if wanted in given), None)


def known(values: Mapping[str, Any], where: str, order: Order | None = None) -> Known:
    """Take the fields of an article from what it says of itself; `where` names the place, e.g. `front matter`."""
    found = Known({}, {}, [], {})
    left = {str(name): text for name, value in values.items() if (text := flat(value))}
    for field in NAMES:
        name = _name_of(field, left) if field != "text" else None
        if name is not None and _take(field, name, left[name], found, where, order):
            del left[name]
    found.unused.update(left)
    return found


def left_out(unused: Mapping[str, str]) -> tuple[LeftOut, ...]:
    """What stands in fields that are not read, as marks at the beginning of the text."""
    return tuple(LeftOut(kind="other", text=text[:MAX_SHOWN], at=0, note=name[:80]) for name, text in unused.items())


def flat(value: Any) -> str:
    """A value as one string: the items of a list are joined, an object with a name is that name; bounded."""
    return ", ".join(" ".join(text.split()) for text in _strings(value) if text.strip())


def _strings(value: Any) -> Iterator[str]:
    """The strings in a value, in their order, without recursion: values may be nested or aliased beyond measure."""
    waiting = [(value, 0)]
    for _ in range(MAX_NODES):
        if not waiting:
            return
        item, depth = waiting.pop()
        if isinstance(item, Mapping):
            inner = next((item[name] for name in NAMED if isinstance(item.get(name), str)), None)
            items = list(item.values())[:MAX_NODES] if inner is None else [inner]
        elif isinstance(item, (list, tuple)):
            items = list(item[:MAX_NODES])
        else:
            if item is not None and not isinstance(item, bool):
                whole = int(item) if isinstance(item, float) and item.is_integer() else item
                yield canonical(str(whole)[: 4 * MAX_SHOWN]).encode("utf-8", "replace").decode()
            continue
        if depth < MAX_DEPTH:
            waiting += [(inner, depth + 1) for inner in reversed(items)]


def _name_of(field: str, texts: Mapping[str, str]) -> str | None:
    """Which name means the field; an address in place of an outlet's name is the article's address."""
    names = list(texts)
    at = column_of(field, names)
    if field == "url" and at is None:
        return next((n for n in names if folded(n) in WANTED["publisher"] and ADDRESS.fullmatch(texts[n])), None)
    is_address = at is not None and field == "publisher" and ADDRESS.fullmatch(texts[names[at]])
    return None if at is None or is_address else names[at]


def _take(field: str, name: str, text: str, found: Known, where: str, order: Order | None) -> bool:
    """Whether the value of a field was understood, and then kept."""
    value = line(text, MAX_FIELD)
    if value in {None, "null", "~"}:
        return value is not None
    source = f"{where} `{name}`"
    if field == "published":
        date = read_date(value or "", order)
        if problem := date_problem(value or "", date):
            found.problems.append(f"`{name}`: {problem}")
        if date.value is None:
            return False
        source += "" if value == date.value else f": {value}"
        value = date.value
    found.fields[field] = value
    found.fields_from[field] = source
    return True
