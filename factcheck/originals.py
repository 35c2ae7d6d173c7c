"""What is known of a document's original: where it came from, its pages, what was left out, how it corrects itself."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

LeftOutKind = Literal[
    "navigation",  # menus, links to other articles, buttons, consent boxes
    "aside",  # boxes beside the article
    "article",  # another article on the same page or in the same mail
    "comments",  # what readers wrote
    "hidden",  # what a browser would not show
    "struck",  # deleted or struck through
    "footnote",
    "note_mark",  # the number or sign that points to a footnote
    "running_head",  # headers, footers and page numbers
    "header",  # header lines of a mail
    "attachment",
    "quoted_mail",  # an earlier mail below a reply
    "signature",
    "ruby",  # readings beside characters
    "caption",  # under a picture or a table
    "repeated",  # the same words again, e.g. in captions that roll up
    "markup",  # marks of a notation that are not words of the article
    "page",  # a page or part that could not be read
    "other",
]
Machine = Literal["transcribed", "recognised"]  # how words were made that may differ from what was said or printed


class Model(BaseModel):
    """A frozen value that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Mark(Model):
    """What begins at an offset of a document: a page of its original, a line of a scan, or a moment of a recording."""

    start: int
    page: int | None = None
    """Counted from 1."""
    time: str | None = None
    """From the beginning of the recording, `HH:MM:SS.mmm`."""
    box: tuple[int, int, int, int] | None = None
    """The place of a recognised line on its page: left, top, right, bottom, in points."""


class Origin(Model):
    """Where the text of a document came from, so that it can be fetched or opened again and compared."""

    media_type: str
    """Of the original, e.g. `text/html`."""
    sha256: str
    """Of the original's bytes as they came."""
    retrieved: str | None = None
    """When it was fetched (ISO 8601, UTC); null for files."""
    address: str | None = None
    """The address that answered, after redirects."""
    snapshot: str | None = None
    """The file name of the copy that was kept."""
    snapshot_folder: str | None = None
    """The folder of that copy, as it was named with `--snapshot`."""


class LeftOut(Model):
    """Words of an original that are not in the text, and why; together with the text they are all that it shows."""

    kind: LeftOutKind
    text: str
    """The words themselves, in the order of the original."""
    at: int
    """The offset (code points) in `Document.text` at which they stood; at its end for what came after."""
    page: int | None = None
    """The page of the original, counted from 1."""
    note: str = ""
    """What the kind does not say, e.g. the name of an attachment."""


class Correction(Model):
    """A paragraph in which a text corrects itself, and the sentence that it corrects; null where none could be told."""

    start: int
    end: int
    corrected_start: int | None = None
    corrected_end: int | None = None
