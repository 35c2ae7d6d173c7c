"""Pictures of everything that people see, of the demo's articles: python -m tests.support.gallery docs."""

from __future__ import annotations

import io
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page
from rich.console import Console
from rich.text import Text

import factcheck
from factcheck.models import Report
from factcheck.outputs.terminal import _parts
from tests.support import desk_pictures
from tests.support.browser import chromium

ROOT = Path(__file__).parent.parent.parent
COLOURS = 96
"""Of a picture: text on paper needs few, and files stay small."""

LINES, COLUMNS = 44, 100
"""Of the terminal that is drawn."""

WIDE, PHONE = {"width": 1280, "height": 760}, {"width": 390, "height": 844}


def report() -> Report:
    """The demo's report, out of its recordings."""
    settings = factcheck.load_settings(use_cache=False)
    with chdir(ROOT):  # pictures name no folder of this machine
        return factcheck.check("seeds/nato-2014", settings=settings, replay="fixtures/recordings")


def take(folder: Path) -> list[Path]:
    """All pictures but those of the desk, as small files."""
    made = report()
    with tempfile.TemporaryDirectory() as scratch, chromium() as browser:
        page, notebook, terminal = (Path(scratch) / f"{name}.html" for name in ("page", "notebook", "terminal"))
        page.write_text(factcheck.render(made, "html"), encoding="utf-8")
        notebook.write_text(f"<body style='margin: 16px; font: 14px sans-serif'>{made._repr_html_()}", encoding="utf-8")
        terminal.write_text(f"<body style='margin: 0'>{drawn(made)}", encoding="utf-8")
        pictures: dict[str, Callable[[], bytes]] = {
            "page": lambda: shot(browser, page),
            "page-search": lambda: shot(browser, page, "#q=membership+nato&order=newest"),
            "page-phone": lambda: shot(browser, page, size=PHONE),
            "timeline": lambda: shot(browser, page, part="details.timeline"),
            "article": lambda: shot(browser, page, part="article.document"),
            "terminal": lambda: shot(browser, terminal, part="svg"),
            "notebook": lambda: shot(browser, notebook),
        }
        return [small(folder / f"{name}.png", taken()) for name, taken in pictures.items()]


@contextmanager
def opened(browser: Browser, path: Path, fragment: str, size: dict[str, int]) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": size["width"], "height": size["height"]}, color_scheme="light")
    page.goto(path.as_uri() + fragment)
    yield page
    page.close()


def shot(
    browser: Browser, path: Path, fragment: str = "", *, part: str | None = None, size: dict[str, int] = WIDE
) -> bytes:
    """A window with the page, or the first of one of its parts."""
    with opened(browser, path, fragment, size) as page:
        return page.locator(part).first.screenshot() if part else page.screenshot()


def drawn(made: Report) -> str:
    """What a terminal in colour shows first, as a drawing."""
    console = Console(file=io.StringIO(), record=True, width=COLUMNS, force_terminal=True, highlight=False)
    console.print(*_parts(made, claims=False), sep="\n")
    lines = console.export_text(styles=True, clear=True).splitlines()[:LINES]
    console = Console(file=io.StringIO(), record=True, width=COLUMNS, force_terminal=True, highlight=False)
    console.print(Text.from_ansi("\n".join(lines)))
    svg = console.export_svg(title="factcheck check seeds/nato-2014")
    return re.sub(r"@font-face\s*\{[^}]*\}", "", svg)  # fonts would be fetched from the web


def small(path: Path, picture: bytes) -> Path:
    """Write a picture with few colours."""
    Image.open(io.BytesIO(picture)).convert("RGB").quantize(COLOURS).save(path, optimize=True)
    return path


if __name__ == "__main__":
    where = Path(sys.argv[1])
    taken = take(where)
    desk_pictures.take(where)
    for name in ("desk-queue", "desk-finding"):
        small(where / f"{name}.png", (where / f"{name}.png").read_bytes())
