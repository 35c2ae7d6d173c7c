"""Read Rich Text Format, as mail programs, clip boards and old word processors write it."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from typing import NamedTuple

from factcheck.inputs.article import Article, Original, Part, Piece, UnreadableError, joined
from factcheck.inputs.leftout import LeftOuts, plain, tidy
from factcheck.inputs.symbols import symbol
from factcheck.originals import LeftOutKind
from factcheck.plural import counted, was
from factcheck.text.invisible import line

TOKEN = re.compile(
    rb"\\([a-z]{1,32})(-?\d{1,10})?[ ]?|\\'([0-9a-fA-F]{2})|\\([^a-z\r\n])|([{}])|[\r\n]+|\\\r?\n|([^\\{}\r\n]+)",
    re.IGNORECASE,
)
"""A control word with its number, a byte in hex, a control sign, a brace, or text."""

SILENT_NAMES = (
    "fonttbl colortbl stylesheet listtable listoverridetable revtbl rsidtbl generator pict object objdata "
    "themedata colorschememapping datastore latentstyles xmlnstbl fldinst bkmkstart bkmkend filetbl "
    "template pgptbl mmathpr pnseclvl datafield do shppict nonshppict sp sn sv background wgrffmtfilter "
    "company operator category keywords comment doccomm hlinkbase password creatim revtim printim buptim "
    "userprops atnid atnauthor atntime atnicn atndate atnparent atrfstart atrfend "
)
SILENT = frozenset(SILENT_NAMES.split())
"""Destinations that hold no words of the text."""

ASIDE: dict[str, tuple[LeftOutKind, str]] = {
    "footnote": ("footnote", ""),
    "header": ("running_head", "header"),
    "headerl": ("running_head", "header"),
    "headerr": ("running_head", "header"),
    "headerf": ("running_head", "header"),
    "footer": ("running_head", "footer"),
    "footerl": ("running_head", "footer"),
    "footerr": ("running_head", "footer"),
    "footerf": ("running_head", "footer"),
    "annotation": ("comments", ""),
}
KEPT = frozenset(
    {"rtf", "info", "fldrslt", "field", "shptxt", "shp", "shpinst", "ftnalt", "title", "author", "listtext", "pntext"}
)
CHARS = {
    "tab": " ", "line": "\n", "par": "\n\n", "sect": "\n\n", "page": "\n\n", "cell": " | ", "row": "\n",
    "nestcell": " | ", "nestrow": "\n", "emdash": "—", "endash": "–", "bullet": "•", "lquote": "‘", "rquote": "’",
    "ldblquote": "“", "rdblquote": "”", "emspace": " ", "enspace": " ", "~": "\u00a0", "_": "\u2011", "-": "",
    "softline": "\n",
}  # fmt: skip
CHARSETS = {
    0: "cp1252", 1: "cp1252", 77: "mac_roman", 128: "cp932", 129: "cp949", 134: "gb18030", 136: "big5", 161: "cp1253",
    162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874",
    238: "cp1250",
}  # fmt: skip
SYMBOLS = 2
"""The charset of fonts of symbols."""

SWITCHES = {"v": "hidden", "strike": "struck", "striked": "struck", "deleted": "deleted"}
MAX_DEPTH = 2_000
OFF = frozenset({"0"})


class State(NamedTuple):
    """What holds inside of a group."""

    place: str = ""
    """The destination that text goes to; empty for the text itself."""
    encoding: str = "cp1252"
    fallback: int = 1
    """Characters after a Unicode one that only old programs read."""
    hidden: bool = False
    struck: bool = False
    deleted: bool = False
    font: str = ""


class _Reader:
    """Goes through the tokens of a file and keeps what each destination is told."""

    def __init__(self) -> None:
        self.left = LeftOuts()
        self.hidden: Counter[str] = Counter()
        self.info: dict[str, str] = {}
        self._states = [State()]
        self._out: list[list[tuple[State, str]]] = [[]]
        self._bytes = b""
        self._skip = 0
        self._fonts: dict[str, tuple[str, str]] = {}
        self._font = ""
        self._default = "cp1252"
        self._high = ""

    def read(self, content: bytes) -> str:
        """The text, with places for what is left out."""
        is_optional = False
        for match in TOKEN.finditer(content):
            word, number, byte, sign, brace, text = match.groups()
            if brace == b"{":
                self._begin()
            elif brace == b"}":
                self._close()
            elif sign == b"*":
                is_optional = True
                continue
            elif word is not None:
                self._word(word.decode("ascii"), number.decode() if number else "", is_optional=is_optional)
            elif byte is not None:
                self._byte(bytes([int(byte, 16)]))
            elif sign is not None:
                self._char(CHARS.get(sign.decode("latin-1"), sign.decode("latin-1") if sign in b"\\{}" else ""))
            else:
                self._byte(text or b"")
            is_optional = False
        while len(self._states) > 1:
            self._close()
        self._flush()
        return self._rendered(self._out[0])

    def _begin(self) -> None:
        self._flush()
        if len(self._states) > MAX_DEPTH:
            raise UnreadableError("bomb", "is nested beyond measure; it may be built to")
        self._states.append(self._states[-1])
        self._out.append([])

    def _word(self, word: str, number: str, *, is_optional: bool) -> None:
        state = self._states[-1]
        if word in SILENT or (is_optional and word not in ASIDE and word not in KEPT):
            self._flush()
            self._set(state._replace(place="font" if word == "fonttbl" else "silent"))
        elif word in ASIDE and state.place in {"", *ASIDE}:
            self._flush()
            self._set(state._replace(place=word))
        elif word == "info":
            self._set(state._replace(place="silent"))
        elif word in {"title", "author"} and state.place == "silent":
            self._flush()
            self._set(state._replace(place=word))
        elif word in CHARS:
            self._char(CHARS[word])
        elif word == "u" and number:
            self._unicode(int(number))
        elif word == "bin" and number:
            self._skip += max(int(number), 0)
        else:
            self._format(word, number)

    def _format(self, word: str, number: str) -> None:
        state = self._states[-1]
        is_on = number not in OFF
        if word in {*SWITCHES, "plain", "f", "fcharset", "ansicpg", "uc"}:
            self._flush()
        if word == "plain":
            self._set(state._replace(hidden=False, struck=False, deleted=False))
        elif word in SWITCHES:
            self._set(_switched(state, SWITCHES[word], is_on=is_on))
        elif word == "uc":
            self._set(state._replace(fallback=min(int(number or 1), 10)))
        elif word in {"ansicpg", "mac", "pc"}:
            self._default = _codec({"mac": "mac_roman", "pc": "cp437"}.get(word, f"cp{number}")) or self._default
            self._set(state._replace(encoding=self._default))
        elif word in {"f", "fcharset"}:
            self._use_font(word, number)

    def _use_font(self, word: str, number: str) -> None:
        state = self._states[-1]
        if word == "f" and state.place == "font":
            self._font = number
        elif word == "f":
            encoding, name = self._fonts.get(number, (self._default, ""))
            self._set(state._replace(encoding=encoding, font=name))
        elif state.place == "font":
            known = int(number or 0)
            name = "symbol" if known == SYMBOLS else ""
            self._fonts[self._font] = (CHARSETS.get(known, self._default), name)

    def _set(self, state: State) -> None:
        self._states[-1] = state

    def _byte(self, content: bytes) -> None:
        if self._skip:
            skipped = min(self._skip, len(content))
            self._skip -= skipped
            content = content[skipped:]
        self._bytes += content

    def _unicode(self, number: int) -> None:
        self._flush()
        code = number + 0x10000 if number < 0 else number
        state = self._states[-1]
        self._skip = state.fallback
        if 0xD800 <= code < 0xDC00:  # noqa: PLR2004  (the first half of a character)
            self._high = chr(code)
        elif 0xDC00 <= code < 0xE000 and self._high:  # noqa: PLR2004
            pair = (self._high + chr(code)).encode("utf-16", "surrogatepass").decode("utf-16")
            self._high = ""
            self._say(pair)
        elif code < 0x110000 and not 0xDC00 <= code < 0xE000:  # noqa: PLR2004
            self._say((symbol("symbol", code) if 0xF000 <= code < 0xF100 else None) or chr(code))  # noqa: PLR2004

    def _char(self, text: str) -> None:
        if self._skip:
            self._skip -= 1
            return
        self._flush()
        self._say(text)

    def _flush(self) -> None:
        """Hand on the bytes that were collected, as the font's encoding reads them."""
        content, self._bytes = self._bytes, b""
        if not content:
            return
        state = self._states[-1]
        if state.font == "symbol":
            self._say("".join(symbol("symbol", byte) or "" for byte in content))
        else:
            self._say(content.decode(state.encoding, "replace"))

    def _say(self, text: str) -> None:
        self._out[-1].append((self._states[-1], plain(text)))

    def _close(self) -> None:
        self._flush()
        self._skip = 0
        if len(self._states) == 1:
            return
        state = self._states.pop()
        said = self._out.pop()
        outer = self._states[-1].place
        if state.place == outer or state.place in {"silent", "font"}:
            if state.place == outer:
                self._out[-1].extend(said)
        elif state.place in ASIDE:
            kind, note = ASIDE[state.place]
            self._out[-1].append((self._states[-1], self.left.place(kind, self._rendered(said), note)))
        elif state.place in {"title", "author"}:
            self.info.setdefault(state.place, "".join(text for _, text in said))

    def _rendered(self, said: list[tuple[State, str]]) -> str:
        """What was said, with places for what nobody sees and what is struck."""
        found = ""
        run, why = "", ""
        for state, text in [*said, (State(), "")]:
            now = "hidden" if state.hidden else "deleted" if state.deleted else "struck" if state.struck else ""
            if state.place in {"silent", "font", "title", "author"}:
                continue
            if now != why or not text:
                found += self._placed(run, why)
                run, why = "", now
            run += text
        return found + self._placed(run, why)

    def _placed(self, text: str, why: str) -> str:
        if not why or not text:
            return text
        breaks = "\n\n" if "\n\n" in text else ""
        if why == "hidden" and any(char.isalnum() for char in text):
            self.hidden["hidden"] += 1
        return (
            self.left.place("hidden" if why == "hidden" else "struck", text, why if why == "deleted" else "") + breaks
        )


def read_rtf(original: Original) -> list[Part]:
    """The one article of an RTF file. Raises UnreadableError."""
    if not original.content.lstrip().startswith(b"{\\rt"):
        raise UnreadableError("damaged", "is no RTF (it does not begin with {\\rtf); save it again")
    reader = _Reader()
    raw = reader.read(original.content)
    rows = [" ".join(row.split()).strip(" |") for row in tidy(raw).split("\n")]
    paragraphs = re.split(r"\n{2,}", "\n".join(rows))
    text, _ = joined([Piece(paragraph, "\n\n") for paragraph in paragraphs])
    settled = reader.left.settle(tidy(text))
    notes = []
    if reader.hidden:
        notes.append(("hidden_text", f"text that readers do not see was taken out (hidden {reader.hidden['hidden']})"))
    if struck := sum(item.kind == "struck" for item in settled.left_out):
        notes.append(("struck_text", f"{counted(struck, 'passage')} struck through or deleted {was(struck)} left out"))
    title = line(reader.info.get("title"), 300)
    shown = title and title.casefold() in " ".join(settled.text[:5000].split()).casefold()
    fields = {"title": title if shown else None, "author": line(reader.info.get("author"), 120)}
    said = {name: "the properties of the document" for name, value in fields.items() if value}
    return [Article(settled.text, fields, (), tuple(notes), left_out=settled.left_out, fields_from=said)]


def _switched(state: State, what: str, *, is_on: bool) -> State:
    if what == "hidden":
        return state._replace(hidden=is_on)
    return state._replace(struck=is_on) if what == "struck" else state._replace(deleted=is_on)


def _codec(name: str) -> str | None:
    try:
        return codecs.lookup(name).name
    except LookupError:
        return None
