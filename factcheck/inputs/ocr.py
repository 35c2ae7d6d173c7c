"""Recognise the words of a picture with Tesseract: with their places, and with how sure it is of them."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import islice
from statistics import median
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFilter, ImageOps, ImageSequence

from factcheck.inputs.article import UnreadableError
from factcheck.inputs.glyphs import Run
from factcheck.inputs.limits import bound
from factcheck.inputs.sheets import LEGIBLE
from factcheck.text.bidi import RTL_LETTER
from factcheck.text.language import language_of

PROGRAM = "tesseract"
SECONDS = 90.0
CPU_SECONDS = 60
"""For one attempt at one page; an ordinary one takes a second or two."""

MAX_DOTS = 60_000_000
DPI = (75.0, 1300.0)
PAGE_WIDTH = 8.4
"""Inches."""

SURE = 90
"""Of 100: below it words of a page may be wrong, and its quotes are to be compared with the page."""

COMPLETE = 0.012
"""Part of the ink of a page that may lie outside of what was recognised; a lost word is more."""

WIDE, WIDE_LETTER = 2.0, 3.0
"""Times the usual width of a letter that letters of a word, or a letter alone, have at most; a box that is wider holds
words that were not recognised."""

BLANK = 0.0002
"""Part of a page that is dark although nothing stands on it."""

COARSE = 160
"""Dots an inch below which letters are doubled before they are recognised."""

NEARLY = 0.95
"""The language of the words wins over another one that is no surer than this."""

CODES = {
    "af": "afr", "ar": "ara", "be": "bel", "bg": "bul", "ca": "cat", "cs": "ces", "cy": "cym", "da": "dan", "de": "deu",
    "el": "ell", "en": "eng", "es": "spa", "et": "est", "eu": "eus", "fa": "fas", "fi": "fin", "fr": "fra", "ga": "gle",
    "gl": "glg", "he": "heb", "hi": "hin", "hr": "hrv", "hu": "hun", "hy": "hye", "id": "ind", "is": "isl", "it": "ita",
    "ja": "jpn", "ka": "kat", "kk": "kaz", "ko": "kor", "lt": "lit", "lv": "lav", "mk": "mkd", "ms": "msa", "mt": "mlt",
    "nl": "nld", "no": "nor", "pl": "pol", "pt": "por", "ro": "ron", "ru": "rus", "sk": "slk", "sl": "slv", "sq": "sqi",
    "sr": "srp", "sv": "swe", "sw": "swa", "th": "tha", "tl": "tgl", "tr": "tur", "uk": "ukr", "ur": "urd", "vi": "vie",
    "zh": "chi_sim",
}  # fmt: skip
"""What Tesseract calls languages, by their ISO codes."""

SCRIPTS = {
    "Arabic": "ara fas urd",
    "Cyrillic": "rus ukr bul srp mkd bel kaz",
    "Greek": "ell",
    "Hebrew": "heb",
    "Devanagari": "hin",
    "Han": "chi_sim chi_tra",
    "Japanese": "jpn",
    "Hangul": "kor",
    "Korean": "kor",
    "Thai": "tha",
    "Armenian": "hye",
    "Georgian": "kat",
}
"""Languages by the scripts that Tesseract tells apart; all others are Latin."""

SCRIPT = re.compile(r"^Script: (\w+)", re.MULTILINE)
ROW = re.compile(r"[1-5](\t-?[0-9]{1,9}){9}\t-?[0-9]{1,3}(\.[0-9]{1,9})?\t.*")
"""Of Tesseract's table: level, page, block, paragraph, line, word, left, top, width, height, confidence, text."""

ROTATE = re.compile(r"^Rotate: (\d+)", re.MULTILINE)


class Scan(NamedTuple):
    """A recognised page: its words, and how far they can be relied upon."""

    runs: list[Run]
    confidence: int
    """Of 100, as Tesseract gives it, on average of all letters."""
    missing: float
    """Part of the page's ink that lies outside of all words."""
    height: float
    """Of the page, in points."""
    language: str
    """As Tesseract calls it."""

    @property
    def is_sure(self) -> bool:
        """Whether it was recognised whole, and without doubt."""
        return self.confidence >= SURE and self.missing <= COMPLETE

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing on the page."""
        return not self.runs and not self.missing

    @property
    def is_partial(self) -> bool:
        """Whether something stands on the page beside the words."""
        return self.missing > COMPLETE

    @property
    def worth(self) -> float:
        """By which attempts at the same page are compared."""
        return self.confidence * (1 - self.missing)


NOTHING = Scan([], 0, 1.0, 0.0, "")


def pictures(content: bytes, most: int) -> Iterator[tuple[Image.Image, float]]:
    """The pages of a picture, upright, with their dots on an inch. Raises UnreadableError."""
    try:
        with Image.open(io.BytesIO(content)) as whole:
            if whole.width * whole.height > MAX_DOTS:
                raise UnreadableError("too_long", f"has {whole.width} x {whole.height} dots; save it smaller")
            for page in islice(ImageSequence.Iterator(whole), most):
                shown = ImageOps.exif_transpose(page.convert("RGBA" if "A" in page.getbands() else "RGB"))
                yield _on_white(shown), _dpi(page)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise UnreadableError("damaged", "is damaged or no picture; save it again") from None


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image.convert("L")
    ground = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(ground, image).convert("L")


def _dpi(image: Image.Image) -> float:
    """As the picture says, if it can be; else as if it were a page of A4 or Letter."""
    said = float(image.info.get("dpi", (0, 0))[0])
    return said if DPI[0] <= said <= DPI[1] else max(DPI[0], min(image.size) / PAGE_WIDTH)


def available() -> bool:
    """Whether the program is installed."""
    return shutil.which(PROGRAM) is not None


class Scanner:
    """Recognises the pages of one document; their language is that of the first, unless it is given."""

    def __init__(self, language: str | None = None) -> None:
        self.language = _given(language) if language else None

    def scan(self, image: Image.Image, dpi: float) -> Scan:
        """The words of a page: as it is, else without dust, else upright."""
        image = image.convert("L")
        best = first = self._attempt(image, dpi, thorough=False)
        if not best.is_sure:
            clean, scale = _cleaned(image, dpi)
            best = max(best, self._attempt(clean, dpi * scale, thorough=True), key=lambda scan: scan.worth)
        if first.language != best.language and best.confidence >= LEGIBLE:  # now that the language is known
            best = max(best, _scan(image, dpi, best.language), key=lambda scan: scan.worth)
        if best.confidence < LEGIBLE and (turned := _turned(image, dpi)):
            best = max(best, self._attempt(turned, dpi, thorough=True), key=lambda scan: scan.worth)
        if best.confidence >= LEGIBLE:
            self.language = best.language
        return best

    def _attempt(self, image: Image.Image, dpi: float, *, thorough: bool) -> Scan:
        if self.language:
            return _scan(image, dpi, self.language)
        return _in_its_language(image, dpi, thorough=thorough)


def _given(language: str) -> str:
    """Tesseract's name of languages that were named. Raises UnreadableError where one is not installed."""
    names = [CODES.get(part, part) for part in re.split(r"[+,\s]+", language.lower()) if part]
    missing = [name for name in names if name not in _installed()]
    if missing:
        hint = f"apt-get install tesseract-ocr-{missing[0].replace('_', '-')}"
        raise UnreadableError("extra", f"to recognise {language[:40]}, install the language for Tesseract: {hint}")
    return "+".join(names)


def _in_its_language(image: Image.Image, dpi: float, *, thorough: bool) -> Scan:
    """A page in the language that suits it: by its script, then by the words that are found in it."""
    script = SCRIPT.search(_run(image, dpi, "--psm", "0"))
    likely = (_base(SCRIPTS.get(script[1], "")) if script else None) or _base("")
    scans = [_scan(image, dpi, likely)] if likely else []
    if not scans or (thorough and scans[0].confidence < LEGIBLE):  # a script is often mistaken where letters are bad
        others = {base for family in ("", *SCRIPTS.values()) if (base := _base(family)) and base != likely}
        scans += [_scan(image, dpi, base) for base in sorted(others)]
    best = max(scans, key=lambda scan: scan.worth, default=NOTHING)
    code = CODES.get(language_of(" ".join(run.text for run in best.runs)) or "", "")
    if code == best.language or code not in _installed():
        return best
    other = _scan(image, dpi, code)
    return other if other.worth >= NEARLY * best.worth else best


def _base(family: str) -> str | None:
    """The first installed language of a script; of Latin, English."""
    others = {name for names in SCRIPTS.values() for name in names.split()} | {"osd", "equ"}
    names = family.split() or ["eng", *sorted(name for name in _installed() - others if len(name) == 3)]  # noqa: PLR2004
    return next((name for name in names if name in _installed()), None)


@cache
def _installed() -> frozenset[str]:
    done = subprocess.run([PROGRAM, "--list-langs"], capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S603
    return frozenset(done.stdout.split("\n")[1:])


def _cleaned(image: Image.Image, dpi: float) -> tuple[Image.Image, float]:
    """The page without dust, and how much larger it is: letters of few dots are doubled."""
    clean = image.filter(ImageFilter.MedianFilter(3))
    if dpi >= COARSE:
        return clean, 1.0
    return clean.resize((clean.width * 2, clean.height * 2), Image.Resampling.LANCZOS), 2.0


def _turned(image: Image.Image, dpi: float) -> Image.Image | None:
    """The page upright, if it lies on its side or on its head."""
    angle = ROTATE.search(_run(image, dpi, "--psm", "0"))
    return image.rotate(-int(angle[1]), expand=True, fillcolor=255) if angle and angle[1] != "0" else None


def _scan(image: Image.Image, dpi: float, language: str) -> Scan:
    lines = _run(image, dpi, "-l", language, "tsv").split("\n")
    table = [line.split("\t", 11) for line in lines if ROW.fullmatch(line)]
    words = [_Word.of(row) for row in table if row[0] == "5" and row[11].strip()]
    words = [word for word in words if word.confidence > 0]
    letters = sum(len(word.text) for word in words)
    sure = sum(len(word.text) * word.confidence for word in words) / letters if letters else 0
    pictures = [tuple(map(int, row[6:10])) for row in table if row[0] == "2" and not _holds(row, words)]
    height = image.height * 72 / dpi
    return Scan(_runs(words, height, dpi), round(sure), _missing(image, words, pictures), height, language)


class _Word(NamedTuple):
    """A word: which line it stands on, and its place in dots from the top left."""

    line: tuple[str, ...]
    left: int
    top: int
    width: int
    height: int
    confidence: float
    text: str

    @classmethod
    def of(cls, row: list[str]) -> _Word:
        left, top, width, height = map(int, row[6:10])
        return cls(tuple(row[1:5]), left, top, width, height, float(row[10]), row[11].strip())


def _holds(block: list[str], words: list[_Word]) -> bool:
    return any(word.line[:2] == tuple(block[1:3]) for word in words)


def _runs(words: list[_Word], height: float, dpi: float) -> list[Run]:
    """The words as runs in points, those of a line on one height."""
    lines: dict[tuple[str, ...], list[_Word]] = defaultdict(list)
    for word in words:
        lines[word.line].append(word)
    tall = {line: max(w.top + w.height for w in found) - min(w.top for w in found) for line, found in lines.items()}
    usual = median(tall.values()) if tall else 0
    scale = 72 / dpi
    runs = []
    for line, found in lines.items():
        middle = median(word.top + word.height / 2 for word in found)
        size = (usual if 0.6 * usual <= tall[line] <= 1.5 * usual else tall[line]) * scale
        parts = [found] if any(RTL_LETTER.search(word.text) for word in found) else [[word] for word in found]
        runs += [_as_run(part, height - middle * scale, size, scale) for part in parts]
    return runs


def _as_run(words: list[_Word], y: float, size: float, scale: float) -> Run:
    """Words as one run; a line that runs from right to left comes in the order in which it is read."""
    left, right = min(word.left for word in words), max(word.left + word.width for word in words)
    return Run(" ".join(word.text for word in words), left * scale, right * scale, y, size, spaced=True)


def _missing(image: Image.Image, words: list[_Word], pictures: list[tuple[int, ...]]) -> float:
    """The part of a page's ink outside of words; what Tesseract took for a picture does not count."""
    ink = image.filter(ImageFilter.MedianFilter(3)).point(lambda value: 255 * (value < 128))  # noqa: PLR2004
    draw = ImageDraw.Draw(ink)
    for left, top, width, height in pictures:
        if width * height > 0.02 * ink.width * ink.height:
            draw.rectangle((left, top, left + width, top + height), fill=0)
    whole = ink.histogram()[255]
    usual = median([word.width / len(word.text) for word in words]) if words else 0.0
    for word in words:
        if word.width > usual * max(WIDE_LETTER, WIDE * len(word.text)):
            continue
        margin = max(2, word.height // 4)
        box = (word.left - margin, word.top - margin, word.left + word.width + margin, word.top + word.height + margin)
        draw.rectangle(box, fill=0)
    return ink.histogram()[255] / whole if whole > BLANK * ink.width * ink.height else 0.0


def _run(image: Image.Image, dpi: float, *arguments: str) -> str:
    """What Tesseract prints; nothing where it fails or takes too long."""
    page = io.BytesIO()
    image.save(page, "PNG", compress_level=1)
    try:
        done = subprocess.run(  # noqa: S603
            [PROGRAM, "stdin", "stdout", "--dpi", str(round(dpi)), *arguments],
            input=page.getvalue(),
            capture_output=True,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
            timeout=SECONDS,
            preexec_fn=lambda: bound(CPU_SECONDS),
            check=False,
        )
    except (subprocess.TimeoutExpired, OSError):
        return ""
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""
