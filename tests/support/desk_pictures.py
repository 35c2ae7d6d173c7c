"""Pictures of the desk for the documentation: python -m tests.support.desk_pictures docs."""

from __future__ import annotations

import sys
import tempfile
from contextlib import closing
from pathlib import Path

import factcheck
from factcheck.ledger.connection import open_ledger
from tests.support.browser import chromium
from tests.support.deskweb import served

ROOT = Path(__file__).parent.parent.parent


def take(folder: Path) -> None:
    """The queue and one finding of the seeds, as somebody sees them who has worked with them."""
    with tempfile.TemporaryDirectory() as scratch:
        place = str(Path(scratch) / "desk.db")
        settings = factcheck.load_settings(use_cache=False)
        seeds = sorted((ROOT / "seeds" / "nato-2014").glob("*.md"))
        factcheck.check(seeds, settings=settings, replay=ROOT / "fixtures" / "recordings", ledger=place)
        with closing(open_ledger(place)) as ledger:
            rows = ledger.queue(order="strongest").rows
            key = next(row.finding.id for row in rows if row.finding.kind == "reversal")
            ledger.comment(key, "Asked his office for the full interview.", by="Ola Ny")
            ledger.assign(key, "Mina Ek", by="Ola Ny")
        with served(place) as home, chromium() as browser:
            page = browser.new_page(viewport={"width": 1280, "height": 860})
            page.goto(f"{home}/login")
            page.locator("#name").fill("Mina Ek")
            page.keyboard.press("Enter")
            page.locator("h1", has_text="open").wait_for()
            page.keyboard.press("j")
            page.screenshot(path=folder / "desk-queue.png")
            page.goto(f"{home}/findings/{key}")
            page.locator("article.finding").wait_for()
            page.screenshot(path=folder / "desk-finding.png")


if __name__ == "__main__":
    take(Path(sys.argv[1]))
