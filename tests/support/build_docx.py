"""Write small Word documents, with every way of hiding text that the format has."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

import docx
from docx.oxml import parse_xml
from docx.shared import Pt, RGBColor

NAMESPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def word(paragraphs: Sequence[str], *, title: str = "", change: Callable[[Any], None] = lambda document: None) -> bytes:
    """A document with these paragraphs, changed at will before it is written."""
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    document.core_properties.title = title
    document.core_properties.author = "Ida Strand"
    change(document)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def vanished(document: Any, text: str) -> None:
    """A run that is marked as hidden."""
    document.paragraphs[-1].add_run(text).font.hidden = True


def white(document: Any, text: str) -> None:
    """A run in the colour of the page."""
    document.paragraphs[-1].add_run(text).font.color.rgb = RGBColor(255, 255, 255)


def tiny(document: Any, text: str) -> None:
    """A run of one point."""
    document.paragraphs[-1].add_run(text).font.size = Pt(1)


def deleted(document: Any, text: str) -> None:
    """A deletion that is kept on record."""
    xml = f'<w:del {NAMESPACE} w:id="1" w:author="x"><w:r><w:delText>{text}</w:delText></w:r></w:del>'
    document.paragraphs[-1]._p.append(parse_xml(xml))


def styled(document: Any, text: str) -> None:
    """A paragraph in a style that hides."""
    style = document.styles.add_style("Note to self", 1)
    style.font.hidden = True
    document.add_paragraph(text, style="Note to self")


def repacked(content: bytes, changes: dict[str, bytes]) -> bytes:
    """The same archive with other parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in {*old.namelist(), *changes}:
            new.writestr(name, changes[name] if name in changes else old.read(name))
    return out.getvalue()
