"""The gallery's pictures are taken of what people see today, and are small."""

from __future__ import annotations

import re
from pathlib import Path

from PIL import Image

from tests.support.gallery import drawn, report, take

DOCS = Path(__file__).parent.parent.parent / "docs"
MOST_BYTES = 150_000


def test_the_pictures_are_taken_and_all_are_in_the_gallery(tmp_path: Path) -> None:
    taken = {path.name for path in take(tmp_path)}
    shown = set(re.findall(r"\]\(([a-z-]+\.png)\)", (DOCS / "gallery.md").read_text(encoding="utf-8")))
    assert shown == taken | {"desk-queue.png", "desk-finding.png"}
    for name in taken:
        with Image.open(tmp_path / name) as fresh, Image.open(DOCS / name) as kept:
            assert fresh.width == kept.width, f"{name}: take it anew with make gallery"
            assert len(fresh.getcolors() or []) > 3, f"{name} is empty"


def test_pictures_in_the_documents_are_small() -> None:
    assert {path.name: size for path in DOCS.glob("*.png") if (size := path.stat().st_size) > MOST_BYTES} == {}


def test_the_terminal_in_the_picture_is_the_demo() -> None:
    text = re.sub(r"<[^>]+>|&#160;", " ", drawn(report()))
    assert "Alexander Stubb" in text
    assert "\x1b" not in text
    assert "[0m" not in text
