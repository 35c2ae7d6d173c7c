"""Write small PDFs by hand, in any script, with every way of hiding text that the format has."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import NamedTuple

WIDTH, HEIGHT = 595, 842


class Line(NamedTuple):
    """A line of text and how it is drawn."""

    text: str
    x: float = 60
    y: float = 760
    size: float = 11
    color: str = "0 0 0 rg"
    mode: int = 0


class Page(NamedTuple):
    """Lines, and drawing operators that come before and after them."""

    lines: Sequence[Line]
    before: str = ""
    after: str = ""


def paragraphs(*texts: str, top: float = 760, leading: float = 14, columns: int = 84) -> list[Line]:
    """Wrapped lines, with a gap between paragraphs."""
    lines: list[Line] = []
    y = top
    for text in texts:
        row = ""
        for word in text.split(" "):
            if row and len(row) + 1 + len(word) > columns:
                lines.append(Line(row, y=y))
                y -= leading
                row = word
            else:
                row = f"{row} {word}".strip()
        lines.append(Line(row, y=y))
        y -= 2 * leading
    return lines


def pdf(pages: Sequence[Page], *, info: str = "", picture: bool = False, trailer: str = "") -> bytes:
    """A PDF with these pages; `picture` gives every page a full-page image named /Scan."""
    letters = sorted({char for page in pages for line in page.lines for char in line.text})
    codes = {char: number for number, char in enumerate(letters, 1)}
    font = "/Type /Font /Subtype /Type0 /BaseFont /Plain /Encoding /Identity-H"
    kids = " ".join(f"{10 + 2 * n} 0 R" for n in range(len(pages)))
    cid_font = (
        "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Plain /DW 500 /FontDescriptor 6 0 R"
        " /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>"
    )
    metrics = "/FontBBox [0 -200 1000 800] /ItalicAngle 0 /Ascent 800 /Descent -200 /CapHeight 700 /StemV 80"
    objects: list[bytes] = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        f"<< {font} /DescendantFonts [4 0 R] /ToUnicode 5 0 R >>".encode(),
        cid_font.encode(),
        stream(_to_unicode(codes).encode()),
        f"<< /Type /FontDescriptor /FontName /Plain /Flags 4 {metrics} >>".encode(),
        stream(
            b"\x80", "/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8"
        ),
        f"<< {info} >>".encode("latin-1"),
        b"null",
    ]
    for number, page in enumerate(pages):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] /Contents {11 + 2 * number} 0 R /Resources"
            " << /Font << /F 3 0 R >> /XObject << /Scan 7 0 R >> >> >>".encode()
        )
        scan = f"q {WIDTH} 0 0 {HEIGHT} 0 0 cm /Scan Do Q\n" if picture else ""
        drawn = "".join(_drawn(line, codes) for line in page.lines)
        objects.append(stream(f"{scan}{page.before}\n{drawn}{page.after}\n".encode()))
    return file_of(objects, trailer)


def file_of(objects: Sequence[bytes], trailer: str = "") -> bytes:
    """Numbered objects with their table, the first being the catalogue and the eighth the information."""
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    entries = f"/Size {len(objects) + 1} /Root 1 0 R /Info 8 0 R {trailer}"
    out += f"trailer\n<< {entries} >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)


def stream(data: bytes, entries: str = "", times: int = 1) -> bytes:
    """A stream object, compressed as often as asked."""
    for _ in range(times):
        data = zlib.compress(data, 9)
    filters = " ".join(["/FlateDecode"] * times)
    return f"<< {entries} /Length {len(data)} /Filter [{filters}] >>\nstream\n".encode() + data + b"\nendstream"


def _drawn(line: Line, codes: dict[str, int]) -> str:
    shown = "".join(f"{codes[char]:04x}" for char in line.text)
    return f"q BT {line.color} {line.mode} Tr /F {line.size} Tf {line.x} {line.y} Td <{shown}> Tj ET Q\n"


def _to_unicode(codes: dict[str, int]) -> str:
    rows = [f"<{code:04x}> <{char.encode('utf-16-be').hex()}>" for char, code in codes.items()]
    blocks = [rows[i : i + 100] for i in range(0, len(rows), 100)]
    maps = "\n".join(f"{len(b)} beginbfchar\n" + "\n".join(b) + "\nendbfchar" for b in blocks)
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def\n"
        f"1 begincodespacerange <0000> <ffff> endcodespacerange\n{maps}\nendcmap end end"
    )
