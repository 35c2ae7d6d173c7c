"""Set pages as newspapers and offices do, with a real font, and know every word that was put on them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field

from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

WIDTH, HEIGHT = 595.0, 842.0
FONT = "Times-Roman"


@dataclass
class Setter:
    """A page in the making; `words` holds every word that was drawn, hyphenated ones whole."""

    size: float = 10.5
    leading: float = 13.0
    columns: int = 1
    gutter: float = 16.0
    margin: float = 60.0
    top: float = 760.0
    bottom: float = 110.0
    head: str = ""
    foot: str = ""
    words: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.out = io.BytesIO()
        self.canvas = Canvas(self.out, pagesize=(WIDTH, HEIGHT))
        self.page, self.column, self.y = 1, 0, self.top
        self.notes: list[str] = []
        self.lines = 0
        """Lines of the present column."""
        self._begin()

    @property
    def measure(self) -> float:
        """The width of a column."""
        return (WIDTH - 2 * self.margin - (self.columns - 1) * self.gutter) / self.columns

    @property
    def x(self) -> float:
        """Where the present column begins."""
        return self.margin + self.column * (self.measure + self.gutter)

    def draw(self, x: float, y: float, text: str, size: float | None = None, font: str = FONT) -> None:
        """Draw a line without counting its words."""
        self.canvas.setFont(font, size or self.size)
        self.canvas.drawString(x, y, text)

    def say(self, x: float, y: float, text: str, size: float | None = None, font: str = FONT) -> None:
        """Draw a line and count its words."""
        self.draw(x, y, text, size, font)
        self.words += text.split()

    def title(self, text: str) -> None:
        """A headline across all columns."""
        self.say(self.margin, self.y, text, 18, "Times-Bold")
        self.top = self.y = self.y - 34

    def paragraph(self, text: str, *, note: str = "", hyphenate: bool = True, justify: bool = False) -> None:
        """A paragraph that flows on through columns and pages; its first word gets a footnote, if one is given."""
        self.words += text.split()
        line: list[str] = []
        noted = note
        words = text.split()
        while words:
            word = words.pop(0)
            if self._fits([*line, word]):
                line.append(word)
                continue
            cut = self._cut(line, word) if hyphenate else 0
            if cut:
                line.append(word[:cut] + "-")
                words.insert(0, word[cut:])
            else:
                words.insert(0, word)
            noted = self._set(line, noted, justify=justify)
            line = []
        self._set(line, noted)
        self.y -= self.leading * 0.8

    def table(self, rows: Sequence[Sequence[str]]) -> None:
        """A table across the page."""
        width = (WIDTH - 2 * self.margin) / len(rows[0])
        for row in rows:
            for n, cell in enumerate(row):
                self.say(self.margin + n * width, self.y, cell)
            self.y -= self.leading * 1.2
        self.top = self.y = self.y - self.leading

    def done(self) -> bytes:
        """The file."""
        self._end()
        self.canvas.save()
        return self.out.getvalue()

    def _fits(self, line: Sequence[str]) -> bool:
        return bool(stringWidth(" ".join(line), FONT, self.size) <= self.measure)

    def _cut(self, line: Sequence[str], word: str) -> int:
        """Where a word may be divided: after a vowel before a consonant, three letters from both ends."""
        if not word.isalpha() or not word.islower():
            return 0
        places = [n for n in range(3, len(word) - 2) if word[n - 1] in "aeiouyäöå" and word[n] not in "aeiouyäöå"]
        fitting = [n for n in places if self._fits([*line, word[:n] + "-"])]
        return fitting[-1] if fitting else 0

    def _set(self, line: Sequence[str], note: str, *, justify: bool = False) -> str:
        if self.y < self.bottom:
            self._next()
        space = 0.0
        if justify and len(line) > 1:
            space = (self.measure - stringWidth(" ".join(line), FONT, self.size)) / (len(line) - 1)
        text = self.canvas.beginText(self.x, self.y)
        text.setFont(FONT, self.size)
        text.setWordSpace(space)
        if note and line:
            self.notes.append(note)
            mark = str(len(self.notes))
            text.textOut(line[0])
            text.setFont(FONT, self.size * 0.65)
            text.setRise(self.size * 0.35)
            text.textOut(mark)
            text.setRise(0)
            text.setFont(FONT, self.size)
            text.textOut(" " + " ".join(line[1:]))
            self.words.append(mark)
        else:
            text.textOut(" ".join(line))
        self.canvas.drawText(text)
        self.y -= self.leading
        self.lines += 1
        return ""

    def _next(self) -> None:
        self.column, self.y, self.lines = self.column + 1, self.top, 0
        if self.column == self.columns:
            self._end()
            self.canvas.showPage()
            self.page, self.column, self.top = self.page + 1, 0, 760.0
            self.y = self.top
            self._begin()

    def _begin(self) -> None:
        if self.head:
            self.say(self.margin, 800, self.head, 9)

    def _end(self) -> None:
        for n, note in enumerate(self.notes, 1):
            self.say(self.margin, self.bottom - 20 - 11 * n, f"{n} {note}", 8)
        self.notes = []
        if self.foot:
            self.say(WIDTH / 2, 40, self.foot.replace("#", str(self.page)), 9)
