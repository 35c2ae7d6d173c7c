"""Take earlier mails out of a mail: what is quoted below or above a reply, and what is forwarded in its text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from factcheck.text.dates import read_date

MAX_EARLIER = 50
QUOTED = re.compile(r"[ \t]{0,3}>[ \t]?")
ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,5}")
RULE = re.compile(
    r"[ \t]*(?:-{2,}|_{5,}|={5,})[ \t]*(?:[^\W\d_][^-_\n]{0,60}?)?[ \t]*(?:-{2,}|_{5,}|={5,})?[ \t]*|"
    r"[ \t]*(?:begin forwarded message|début du message réexpédié|anfang der weitergeleiteten (?:nachricht|e-mail)|"
    r"inicio del mensaje reenviado|inizio messaggio inoltrato)\s*:[ \t]*",
    re.IGNORECASE,
)
"""A line that sets an earlier mail apart, with or without words in it."""

LABELS = {
    "author": "from von de da van från fra lähettäjä od от від από 发件人 寄件者 差出人 보낸사람 gönderen مِن من מאת",
    "published": "sent date gesendet datum envoyé enviado data inviato verzonden skickat dato lähetetty päivämäärä "
    "wysłano отправлено дата надіслано 发送时间 日期 送信日時 日付 날짜 tarih التاريخ fecha enviada",
    "title": "subject betreff objet asunto oggetto assunto onderwerp ämne emne aihe temat тема θέμα 主题 件名 제목 konu"
    " الموضوع נושא",
    "other": "to an à a para till til vastaanottaja do кому an cc cci bcc kopie copie reply-to antwort an 收件人 宛先 "
    "받는사람 kime kopia kopio копия",
}
FIELDS = {label: field for field, labels in LABELS.items() for label in labels.split()}
HEADER = re.compile(r"[ \t>*]*\**([^\W\d_][^:\n*]{0,20}?)\s?\**\s?:\**[ \t]?(.*)")
MIN_HEADERS = 3
MAX_HEADERS = 12
DATE = re.compile(
    r"\d{4}\s?[年년]\s?\d{1,2}\s?[月월]\s?\d{1,2}\s?[日일]|\d{4}[-./]\d{1,2}[-./]\d{1,2}"
    r"|\d{1,2}[./]\s?\d{1,2}[./]\s?\d{2,4}|\d{1,2}(?:\.|st|nd|rd|th)? (?:de |d')?[^\W\d_]{3,12}\.?,? (?:de )?\d{4}"
    r"|[^\W\d_]{3,12}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}"
)
BEFORE_ADDRESS = re.compile(
    r"(?:\"([^\"\n]{1,80})\"|([^\d,:;<>()\"\[\]\n]{1,80}?))[ \t]*[<(\[]{1,2}(?:mailto:)?[\w.+-]{1,64}@"
)
VERBS_NAMES = (
    "wrote writes schrieb schreef skrev écrit a escribió escribio scritto ha escreveu kirjoitti napisał "
    "napisał(a) napisała написал написала пишет пише írta yazdı kirjutas escriu va escriure um uhr at kl "
    "kl. om à le la à_: o klo on am den op em il le el w dniu via "
)
VERBS = frozenset(VERBS_NAMES.split())
"""Words around names and dates in the line above a quoted mail."""

MAX_INTRODUCTION = 3
"""Lines over which mail programs break the line that introduces a quoted mail."""


class Earlier(NamedTuple):
    """An earlier mail within a mail."""

    text: str
    author: str | None = None
    published: str | None = None
    title: str | None = None
    head: str = ""
    """The lines that introduce it."""


class Split(NamedTuple):
    """A mail without the earlier ones, and these, newest first."""

    own: str
    earlier: tuple[Earlier, ...] = ()
    is_woven: bool = False
    """Whether it answers between the lines of an earlier mail, which then stay where they are."""


class Block(NamedTuple):
    """Lines that are all quoted, or all not."""

    is_quoted: bool
    lines: list[str]


def split(text: str) -> Split:
    """What its author wrote, and what others wrote earlier."""
    found: list[Earlier] = []
    own, waiting = _first(text)
    if own.is_woven:
        return own
    while waiting and len(found) < MAX_EARLIER:
        earlier = waiting.pop(0)
        inner, more = _first(earlier.text)
        if inner.is_woven or not more:
            found.append(earlier)
        else:
            found.append(earlier._replace(text=inner.own))
            waiting = [*more, *waiting]
    return Split(own.own, tuple(item for item in [*found, *waiting] if item.text.strip() or item.head))


def _first(text: str) -> tuple[Split, list[Earlier]]:
    """A text without the mails that it quotes at the first level, and these."""
    lines = text.split("\n")
    if (head := _header_block(lines)) is not None:
        start, end, fields = head
        inner = Earlier(
            "\n".join(lines[end:]).strip("\n"), **fields, head=" ".join("\n".join(lines[start:end]).split())
        )
        before, more = _first_quoted("\n".join(lines[:start]).rstrip())
        return before, [*more, inner]
    return _first_quoted(text)


def _header_block(lines: list[str]) -> tuple[int, int, dict[str, str | None]] | None:
    """Where the header lines of an earlier mail stand in a text that is not quoted: begin, end, fields."""
    for at, line in enumerate(lines):
        match = HEADER.fullmatch(line) if not QUOTED.match(line) else None
        if match is None or FIELDS.get(match[1].strip().lower()) not in {"author", "published"}:
            continue
        fields, end = _headers(lines, at)
        start = at
        while start and (RULE.fullmatch(lines[start - 1]) or not lines[start - 1].strip()):
            start -= 1
        is_set_apart = any(lines[n].strip() for n in range(start, at))
        if len(fields) >= (MIN_HEADERS - is_set_apart) and "author" in fields:
            date = read_date(fields.get("published") or "").value or _date(fields.get("published") or "")
            author = _sender(fields["author"])
            return start, end, {"author": author, "published": date, "title": fields.get("title")}
    return None


def _headers(lines: list[str], at: int) -> tuple[dict[str, str], int]:
    fields: dict[str, str] = {}
    end = at
    while end < len(lines) and end - at < MAX_HEADERS:
        match = HEADER.fullmatch(lines[end])
        field = FIELDS.get(match[1].strip().lower()) if match else None
        if match is None or field is None:
            break
        fields.setdefault(field, match[2].strip(" *"))
        end += 1
        if end < len(lines) and not lines[end].strip() and end + 1 < len(lines) and HEADER.fullmatch(lines[end + 1]):
            following = HEADER.fullmatch(lines[end + 1])
            end += bool(following and FIELDS.get(following[1].strip().lower()))
    return fields, end


def _first_quoted(text: str) -> tuple[Split, list[Earlier]]:
    blocks = list(_blocks(text.split("\n")))
    quoted = [n for n, block in enumerate(blocks) if block.is_quoted]
    if not quoted:
        return Split(text.strip()), []
    if len(quoted) > 1 and any(_has_words(block) for block in blocks[quoted[0] : quoted[-1]] if not block.is_quoted):
        return Split(text.strip(), is_woven=True), []
    own: list[str] = []
    found: list[Earlier] = []
    for n, block in enumerate(blocks):
        if not block.is_quoted:
            own += block.lines
        else:
            introduction = _introduction(own if n else [])
            own = own[: len(own) - len(introduction)]
            inner = "\n".join(QUOTED.sub("", line, count=1) for line in block.lines)
            found.append(_introduced(inner, " ".join(" ".join(introduction).split())))
    return Split("\n".join(own).strip()), found


def _blocks(lines: list[str]) -> Iterator[Block]:
    """Runs of quoted and other lines; empty lines between quoted ones belong to them."""
    flags = [bool(QUOTED.match(line)) for line in lines]
    ahead = False
    later = [False] * len(lines)
    for n in range(len(lines) - 1, -1, -1):
        later[n] = ahead if not lines[n].strip() else flags[n]
        ahead = later[n]
    before = False
    kinds = []
    for n, line in enumerate(lines):
        kind = flags[n] or (not line.strip() and before and later[n])
        kinds.append(kind)
        before = kind
    for kind, group in groupby(zip(kinds, lines, strict=True), key=lambda pair: pair[0]):
        yield Block(kind, [line for _, line in group])


def _has_words(block: Block) -> bool:
    """Whether there are words of the author's own, and not only a line that introduces what follows."""
    rest = block.lines[: len(block.lines) - len(_introduction(block.lines))]
    return any(char.isalnum() for line in rest for char in line)


def _introduction(lines: list[str]) -> list[str]:
    """The last lines of a text, where they say who wrote what follows."""
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    found: list[str] = []
    for start in range(end - 1, max(end - MAX_INTRODUCTION, 0) - 1, -1):
        said = " ".join(" ".join(lines[start:end]).split())
        if not lines[start].strip() or not said.endswith((":", "：")):
            break
        if DATE.search(said):
            return lines[start:]
        if not found and ADDRESS.search(said):
            found = lines[start:]
    return found


def _introduced(text: str, head: str) -> Earlier:
    return Earlier(text, _name(head.rstrip(":： ")) if head else None, _date(head), head=head)


def _date(text: str) -> str | None:
    dates = (read_date(match[0]) for match in DATE.finditer(text[:400]))
    return next((date.value for date in dates if date.value and not date.unclear), None)


def _name(text: str) -> str | None:
    """The name in a line like `On 3 Mar 2024, at 09:12, Ole Dahl <ole@paper.example> wrote`."""
    text = text[:400]
    if match := BEFORE_ADDRESS.search(text):
        parts = [match[1] or match[2] or ""]
    else:
        parts = re.split(r"[,:<>()\[\]\d]+", ADDRESS.sub("", DATE.sub(",", text)))
    names = [name for part in reversed(parts) if (name := _without_verbs(part))]
    address = ADDRESS.search(text)
    return names[0] if names else address[0] if address else None


def _without_verbs(text: str) -> str:
    words = text.replace("\u202f", " ").split()
    while words and words[0].lower().strip(".") in VERBS:
        words = words[1:]
    while words and words[-1].lower().strip(".") in VERBS:
        words = words[:-1]
    return " ".join(words).strip(" *'\".-")


def _sender(value: str) -> str | None:
    """The name in the header of an earlier mail, else its address."""
    name = re.split(r"[<\[]", value, maxsplit=1)[0].strip(" \"'*")
    address = ADDRESS.search(value)
    return name or (address[0] if address else None)
