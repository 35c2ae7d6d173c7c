"""Pages as a scanner sees them: letters as dots, with dust on them."""

from __future__ import annotations

import io
import random
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

FONTS = Path("/usr/share/fonts/truetype/dejavu")
FONT = FONTS / "DejaVuSerif.ttf"


def installed() -> set[str]:
    """The languages that Tesseract has here; none where it is not installed, or no font to write pages with."""
    if shutil.which("tesseract") is None or not FONT.exists():
        return set()
    done = subprocess.run(["tesseract", "--list-langs"], capture_output=True, text=True, check=False)
    return set(done.stdout.split()[1:])


def scanned(
    texts: Sequence[str], dpi: int = 200, dust: float = 0.0, size: float = 11, *, rtl: bool = False
) -> Image.Image:
    """A page of A4 with paragraphs; `dust` is how dirty it is, from 0 to 1."""
    width, height = round(8.27 * dpi), round(11.69 * dpi)
    page = Image.new("L", (width, height), 255)
    draw = ImageDraw.Draw(page)
    font = ImageFont.truetype(str(FONTS / "DejaVuSans.ttf" if rtl else FONT), round(size * dpi / 72))
    margin, y = 0.9 * dpi, 0.9 * dpi
    for text in texts:
        for row in _wrapped(text, font, width - 2 * margin):
            place, anchor, direction = (width - margin, "ra", "rtl") if rtl else (margin, "la", None)
            draw.text((place, y), row, font=font, fill=0, anchor=anchor, direction=direction)
            y += 1.35 * size * dpi / 72
        y += 0.8 * size * dpi / 72
    return _dusty(page, dust) if dust else page


def _wrapped(text: str, font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    rows = [""]
    for word in text.split():
        longer = f"{rows[-1]} {word}".strip()
        if font.getlength(longer) > width:
            rows.append(word)
        else:
            rows[-1] = longer
    return rows


def _dusty(page: Image.Image, dust: float) -> Image.Image:
    page = page.filter(ImageFilter.GaussianBlur(dust * 2))
    dots = page.load()
    assert dots
    rng = random.Random(7)
    for _ in range(int(page.width * page.height * dust * 0.2)):
        dots[rng.randrange(page.width), rng.randrange(page.height)] = rng.choice((0, 255, 128))
    return page


def png(page: Image.Image, dpi: int = 200) -> bytes:
    """A page as a file."""
    out = io.BytesIO()
    page.save(out, "PNG", dpi=(dpi, dpi))
    return out.getvalue()


def as_pdf(pages: Sequence[Image.Image], dpi: int = 200, kind: str = "PDF") -> bytes:
    """Pages as one file of pictures."""
    out = io.BytesIO()
    pages[0].save(out, kind, save_all=True, append_images=list(pages[1:]), resolution=dpi, dpi=(dpi, dpi))
    return out.getvalue()
