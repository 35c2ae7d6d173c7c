"""Read Word documents: paragraphs and tables in their order; footnotes, comments and what is struck are left out."""

from __future__ import annotations

import contextlib
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from typing import Any

import docx
from docx.opc.exceptions import OpcError
from lxml import etree

from factcheck.inputs.archives import weigh
from factcheck.inputs.article import Article, Original, Part, Piece, UnreadableError, joined
from factcheck.inputs.leftout import LeftOuts, tidy
from factcheck.inputs.numbering import Numbering
from factcheck.inputs.runs import FALLBACK, Runs, W, hiding_styles
from factcheck.inputs.transcripts import transcript
from factcheck.inputs.trees import parsed
from factcheck.originals import LeftOutKind, Mark
from factcheck.plural import counted, was
from factcheck.text.invisible import line

STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/")
"""Names of the strict form of the standard, which say the same as the common ones."""

MAIN = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
OTHER_MAIN = re.compile(
    rb"application/vnd\.(?:ms-word\.(?:document|template)\.macroEnabled(?:Template)?\.main"
    rb"|openxmlformats-officedocument\.wordprocessingml\.template\.main)\+xml"
)
DRAWN = {"/diagramData": "diagram", "/chart": "chart"}
WORDS = frozenset({"t", "v"})
DAMAGED = "is damaged or no Word document; save it again"


def read_docx(original: Original) -> list[Part]:
    """The one article of a Word document. Raises UnreadableError."""
    weigh(original.content, DAMAGED)
    try:
        document = docx.Document(io.BytesIO(_common(original.content)))
    except (OpcError, KeyError, ValueError, zipfile.BadZipFile, etree.XMLSyntaxError):
        raise UnreadableError("damaged", DAMAGED) from None
    left, hidden = LeftOuts(), Counter[str]()
    paragraphs = [Piece(tidy(text), before) for text, before in _paragraphs(document, left, hidden)]
    text, marks = _spoken(paragraphs, left)
    heads = _around(document, left, "/header", "running_head")
    feet = _around(document, left, "/footer", "running_head") + _drawn(document, left)
    settled = left.settle(tidy(heads + text + feet), marks)
    properties = document.core_properties
    title = line(properties.title, 300)
    start = " ".join(settled.text[:5000].split()).casefold()
    fields = {"title": title if title and title.casefold() in start else None, "author": line(properties.author, 120)}
    said = {name: "the properties of the document" for name, value in fields.items() if value}
    struck = sum(item.kind == "struck" and item.note != "deleted" for item in settled.left_out)
    notes = _notes(hidden, struck)
    return [Article(settled.text, fields, settled.marks, notes, left_out=settled.left_out, fields_from=said)]


def _notes(hidden: Counter[str], struck: int) -> tuple[tuple[str, str], ...]:
    notes = []
    if hidden:
        listed = ", ".join(f"{how} {number}" for how, number in sorted(hidden.items()))
        notes.append(("hidden_text", f"text that readers do not see was taken out ({listed})"))
    if struck:
        notes.append(("struck_text", f"{counted(struck, 'passage')} struck through {was(struck)} left out"))
    return tuple(notes)


def _common(content: bytes) -> bytes:
    """The document in the form that the library reads: strict names and templates are called what is common."""
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        types = old.read("[Content_Types].xml")
        main = old.read("word/document.xml") if "word/document.xml" in old.namelist() else b""
        if not (STRICT.search(main[:4000]) or STRICT.search(types) or OTHER_MAIN.search(types)):
            return content
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
            for name in old.namelist():
                part = old.read(name)
                if name.endswith((".xml", ".rels")):
                    part = STRICT.sub(rb"http://schemas.openxmlformats.org/\1/2006/", OTHER_MAIN.sub(MAIN, part))
                new.writestr(name, part)
    return out.getvalue()


def _spoken(paragraphs: list[Piece], left: LeftOuts) -> tuple[str, tuple[Mark, ...]]:
    """The text of the paragraphs, where lines within them matter only if they are those of a transcript."""
    text, marks = joined([piece._replace(before=piece.before.replace(" | ", "\n")) for piece in paragraphs])
    if "\n" in "".join(piece.text for piece in paragraphs) and (spoken := transcript(text, left)):
        return spoken
    text, marks = joined([piece._replace(text=" ".join(piece.text.split())) for piece in paragraphs])
    return text, marks


def _paragraphs(document: Any, left: LeftOuts, hidden: Counter[str]) -> Iterator[tuple[str, str]]:
    """The text of every paragraph and what stands before it; the cells of a row stand on one line."""
    body = document.element.body
    if body is None:
        return
    runs = Runs(left, hidden, hiding_styles(document.styles.element), _notes_of(document))
    numbering = Numbering(_part(document, "/numbering"), document.styles.element)
    row: Any = None
    for paragraph in body.iter(f"{W}p"):
        if any(parent.tag == FALLBACK for parent in paragraph.iterancestors()):
            continue
        label = numbering.label(paragraph)
        text = "\n".join(" ".join(part.split()) for part in runs.text(paragraph).split("\n")).strip()
        if not text:
            continue
        inside = next(paragraph.iterancestors(f"{W}tr"), None)
        follows = inside is not None and row is not None
        is_list = numbering.is_listed(paragraph)
        yield f"{label} {text}".strip(), " | " if follows and inside is row else "\n" if is_list or follows else "\n\n"
        row = inside
    if rest := runs.unused():
        yield rest, ""


def _notes_of(document: Any) -> dict[tuple[str, str], tuple[LeftOutKind, str, str]]:
    """Footnotes, endnotes and comments by what refers to them and their number: kind, words, note."""
    found: dict[tuple[str, str], tuple[LeftOutKind, str, str]] = {}
    kinds: tuple[tuple[str, str, LeftOutKind, str], ...] = (
        ("/footnotes", "footnote", "footnote", ""),
        ("/endnotes", "endnote", "footnote", "endnote"),
        ("/comments", "comment", "comments", ""),
    )
    for ending, tag, kind, note in kinds:
        part = _part(document, ending)
        for item in part.iter(f"{W}{tag}") if part is not None else ():
            said_by = f"by {item.get(f'{W}author')}" if item.get(f"{W}author") else note
            if item.get(f"{W}type") in {None, "normal"}:
                found[f"{tag}Reference", item.get(f"{W}id", "")] = (kind, _all_words(item), said_by)
    return found


def _all_words(item: Any) -> str:
    paragraphs = ("".join(node.text or "" for node in p.iter(f"{W}t", f"{W}delText")) for p in item.iter(f"{W}p"))
    return " ".join(" ".join(text.split()) for text in paragraphs if text.strip())


def _around(document: Any, left: LeftOuts, ending: str, kind: LeftOutKind) -> str:
    """Places for the words of headers or footers, each text once."""
    texts = [_all_words(element) for element in _parts(document, ending)]
    return "".join(left.place(kind, text, ending[1:]) for text in dict.fromkeys(texts) if text)


def _drawn(document: Any, left: LeftOuts) -> str:
    """Places for the words of diagrams and charts, which are parts of their own."""
    places = ""
    for ending, what in DRAWN.items():
        for element in _parts(document, ending):
            inner = (node for node in element.iter() if isinstance(node.tag, str))
            words = [node.text for node in inner if node.tag.rsplit("}")[-1] in WORDS and node.text]
            places += left.place("other", " ".join(words), what)
    return places


def _part(document: Any, ending: str) -> Any:
    return next(_parts(document, ending), None)


def _parts(document: Any, ending: str) -> Iterator[Any]:
    """The trees of the parts to which a document relates in this way."""
    for relation in document.part.rels.values():
        if not relation.is_external and relation.reltype.endswith(ending):
            with contextlib.suppress(UnreadableError):
                yield parsed(relation.target_part.blob, DAMAGED)
