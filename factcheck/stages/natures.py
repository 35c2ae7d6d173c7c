"""What sort of text a document is, by what it shows of itself: its fields, address, title, publisher, and its turns."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple, get_args
from urllib.parse import urlsplit

from factcheck.models import Document, Nature
from factcheck.text.names import folded

LISTS = Path(__file__).with_suffix(".toml")

FIELDS = frozenset(
    [
        "kind",
        "type",
        "genre",
        "section",
        "category",
        "rubric",
        "ressort",
        "rubrik",
        "rubrique",
        "seccion",
        "secao",
        "sezione",
        "osasto",
        "tyyppi",
        "art",
        "format",
        "nature",
        "articlesection",
        "рубрика",
        "раздел",
    ]
)
"""Names of fields that say what a text is; no reader needs them, so they stand among what was left out."""

PREFIX = re.compile(r"^([^:|–—]{2,40}?)\s*(?:[:|–—]|\s-\s)\s*\S")
"""What stands before a title, e.g. `Opinion: …` or `Faktencheck – …`."""

ANSWERED = re.compile(
    r"[?？]\s*(?:no|yes|not (?:quite|really|exactly)|partly|nein|ja|jein|non|oui|pas (?:vraiment|tout à fait)|si|sí|"
    r"não|sim|ei|kyllä|nej|nei|nee|nie|tak|нет|да|ні|так|לא|لا|hayır)[.!]?$",
    re.IGNORECASE,
)
"""The title of a text that puts a question and answers it, as fact-checks do."""

TURN = re.compile(r"(?:^|\n)[ \t]*((?:[^\W\d_]{1,4}\.[ \t]?)?[^\W\d_][^\n:.?!]{0,70})[ \t]?[:：][ \t]*\S")
TURNS, SPEAKERS, SHARE = 3, 2, 0.5
"""A transcript has at least so many turns of so many speakers, and so many of its paragraphs begin with one."""


class Signs(NamedTuple):
    """What documents of one nature call themselves, folded."""

    fields: frozenset[str]
    path: frozenset[str]
    title: tuple[str, ...]
    publisher: tuple[str, ...]
    hosts: frozenset[str]


def nature_of(document: Document) -> Nature:
    """What a document shows itself to be; `unknown` where it shows nothing."""
    for find in (_by_field, _by_address, _by_title, _by_first_line, _by_publisher, _by_turns):
        if (found := find(document)) != "unknown":
            return found
    return "unknown"


@cache
def _signs() -> dict[Nature, Signs]:
    lists = tomllib.loads(LISTS.read_text(encoding="utf-8"))
    return {nature: _listed(lists[nature]) for nature in get_args(Nature) if nature in lists}


def _listed(lists: dict[str, str]) -> Signs:
    def words(name: str) -> list[str]:
        return [word for part in lists[name].split(",") if (word := folded(part))]

    hosts = frozenset(host.strip() for host in lists["hosts"].split(",") if host.strip())
    fields, path = frozenset(words("fields")), frozenset(words("path"))
    return Signs(fields, path, tuple(words("title")), tuple(words("publisher")), hosts)


def _by_field(document: Document) -> Nature:
    """By a field of its head, such as `kind: opinion`."""
    said = [m.text for m in document.left_out if folded(m.note).replace(" ", "") in FIELDS and len(m.text) < 80]  # noqa: PLR2004
    return _named(folded(part) for text in said for part in re.split(r"[,;/>|]", text))


def _named(names: Iterator[str]) -> Nature:
    given = list(names)
    return next((n for n, signs in _signs().items() for name in given if name in signs.fields), "unknown")


def _by_address(document: Document) -> Nature:
    """By the site it stands on, or a part of its address such as `/opinion/`."""
    addresses = [document.url, document.origin.address if document.origin else None]
    for address in filter(None, addresses):
        try:
            parts = urlsplit(address)
            host = (parts.hostname or "").lower()
        except ValueError:
            continue
        path = {folded(part) for part in parts.path.split("/")[:-1]}
        for nature, signs in _signs().items():
            if any(host == known or host.endswith(f".{known}") for known in signs.hosts) or path & signs.path:
                return nature
    return "unknown"


def _by_title(document: Document) -> Nature:
    """By what stands before the title (`Opinion: …`), or by a phrase in it."""
    title = document.title or ""
    if (prefix := PREFIX.match(title)) and (found := _named(iter([folded(prefix[1])]))) not in {"unknown", "report"}:
        return found
    if ANSWERED.search(title.strip()):
        return "fact_check"
    whole = f" {folded(title)} "
    return next((n for n, signs in _signs().items() if any(f" {w} " in whole for w in signs.title)), "unknown")


def _by_first_line(document: Document) -> Nature:
    """By a line of its own above the text, e.g. `OPINION` or `For immediate release`."""
    first = document.text.lstrip().partition("\n")[0].strip(" *_#:[]()")
    return _named(iter([folded(first)])) if 0 < len(first) <= 40 else "unknown"  # noqa: PLR2004


def _by_publisher(document: Document) -> Nature:
    whole = f" {folded(document.publisher or '')} "
    return next((n for n, signs in _signs().items() if any(f" {w} " in whole for w in signs.publisher)), "unknown")


def _by_turns(document: Document) -> Nature:
    """By its being heard from a recording, or by lines that begin with who speaks."""
    if document.machine == "transcribed" or any(mark.time for mark in document.marks):
        return "transcript"
    paragraphs = [p for p in re.split(r"\n\s*\n|\n", document.text) if p.strip()]
    names = Counter(folded(re.sub(r"\(.*?\)|,.*", "", found[1])) for found in TURN.finditer(document.text))
    turns = sum(names.values())
    said = turns >= TURNS and len(names) >= SPEAKERS and turns >= SHARE * len(paragraphs)
    return "transcript" if said and any(count > 1 for count in names.values()) else "unknown"
