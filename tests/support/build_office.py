"""Write small OpenDocument texts, books and archives."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from urllib.parse import unquote

ODF = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "text", "style", "table", "meta")
)
ODF += ' xmlns:dc="http://purl.org/dc/elements/1.1/"'


def packed(files: Mapping[str, bytes | str]) -> bytes:
    """A zip archive of these files; `mimetype` stands first and unpacked, as formats want it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            kind = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(name, content, compress_type=kind)
    return out.getvalue()


def odt(body: str, *, styles: str = "", around: str = "", flat: bool = False) -> bytes:
    """An OpenDocument text with this body, automatic styles, and headers and footers."""
    head = f"<office:automatic-styles>{styles}</office:automatic-styles>"
    text = f"<office:body><office:text>{body}</office:text></office:body>"
    master = f"<office:master-styles><style:master-page>{around}</style:master-page></office:master-styles>"
    meta = (
        "<office:meta><dc:title>Ferry</dc:title><meta:initial-creator>Ida Strand</meta:initial-creator></office:meta>"
    )
    if flat:
        return f'<?xml version="1.0"?><office:document {ODF}>{meta}{head}{master}{text}</office:document>'.encode()
    return packed(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": f"<office:document-content {ODF}>{head}{text}</office:document-content>",
            "styles.xml": f"<office:document-styles {ODF}>{master}</office:document-styles>",
            "meta.xml": f"<office:document-meta {ODF}>{meta}</office:document-meta>",
        }
    )


def epub(chapters: Mapping[str, str], *, contents: str = "") -> bytes:
    """A book with these chapters, by file name."""
    names = [*(["nav.xhtml"] if contents else []), *chapters]
    kind = 'media-type="application/xhtml+xml"'
    marks = ['properties="nav"' if name == "nav.xhtml" else "" for name in names]
    items = "".join(
        f'<item id="i{n}" href="{name}" {kind} {mark}/>'
        for n, (name, mark) in enumerate(zip(names, marks, strict=True))
    )
    spine = "".join(f'<itemref idref="i{n}"/>' for n in range(len(names)))
    about = (
        "<dc:title>The Courier</dc:title><dc:creator>Ida Strand</dc:creator><dc:publisher>Courier Press</dc:publisher>"
    )
    about += "<dc:date>2031-11-04</dc:date><dc:language>en</dc:language>"
    package = f'<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">{about}</metadata>'
    package += f"<manifest>{items}</manifest><spine>{spine}</spine></package>"
    container = '<container><rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
    pages = {
        f"OEBPS/{unquote(name)}": f"<html><head><title>x</title></head><body>{body}</body></html>"
        for name, body in chapters.items()
    }
    nav = {"OEBPS/nav.xhtml": f"<html><body>{contents}</body></html>"} if contents else {}
    files = {"mimetype": "application/epub+zip", "META-INF/container.xml": container, "OEBPS/book.opf": package}
    return packed({**files, **nav, **pages})
