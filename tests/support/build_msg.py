"""Write small mails of Outlook: the compound files of Office, and the properties of a mail in them."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass

SECTOR = 512
MINI = 64
END, FREE, FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
ROOT, STORAGE, STREAM = 5, 1, 2

Tree = Mapping[str, "bytes | Tree"]


def msg(
    subject: str, body: str, *, html: str = "", sender: str = "", headers: str = "", files: tuple[str, ...] = ()
) -> bytes:
    """A mail of Outlook with these properties."""
    texts = {0x0037: subject, 0x1000: body, 0x0C1A: sender, 0x007D: headers, 0x001A: "IPM.Note"}
    streams: dict[str, bytes | Tree] = {
        _name(number, 0x1F): text.encode("utf-16-le") for number, text in texts.items() if text
    }
    rows = [(number, 0x1F, len(text.encode("utf-16-le")) + 2) for number, text in texts.items() if text]
    if html:
        streams[_name(0x1013, 0x102)] = html.encode()
        rows += [(0x1013, 0x102, len(html.encode())), (0x3FDE, 3, 65001)]
    for n, name in enumerate(files):
        streams[f"__attach_version1.0_#{n:08X}"] = _attached(name)
    head = struct.pack("<8xIIII8x", 0, len(files), 0, len(files))
    return compound({**streams, "__properties_version1.0": head + _rows(rows), "__nameid_version1.0": {}})


def _attached(name: str) -> Tree:
    encoded = name.encode("utf-16-le")
    rows = [(0x3707, 0x1F, len(encoded) + 2), (0x3705, 3, 1), (0x3701, 0x102, 4)]
    return {
        _name(0x3707, 0x1F): encoded,
        _name(0x3701, 0x102): b"data",
        "__properties_version1.0": bytes(8) + _rows(rows),
    }


def _name(number: int, kind: int) -> str:
    return f"__substg1.0_{number:04X}{kind:04X}"


def _rows(rows: list[tuple[int, int, int]]) -> bytes:
    return b"".join(struct.pack("<HHIII", kind, number, 6, size, 0) for number, kind, size in rows)


@dataclass
class Entry:
    """A storage or a stream, and where the first of what is inside and the next beside it stand."""

    name: str
    kind: int
    content: bytes = b""
    child: int = FREE
    right: int = FREE
    start: int = END
    size: int = 0


class Sectors:
    """The sectors of a file, and which follows which."""

    def __init__(self) -> None:
        self.all: list[bytes] = []
        self.fat: list[int] = []

    def put(self, content: bytes) -> int:
        """Write content into new sectors; returns the first."""
        first, count = len(self.all), max(1, -(-len(content) // SECTOR))
        self.all += [content[i * SECTOR : (i + 1) * SECTOR].ljust(SECTOR, b"\0") for i in range(count)]
        self.fat += [*range(first + 1, first + count), END]
        return first


def compound(tree: Tree) -> bytes:
    """A compound file with these storages and streams."""
    entries = [Entry("Root Entry", ROOT)]
    _add(tree, entries, entries[0])
    mini, minifat = b"", list[int]()
    for entry in entries:
        if entry.content:
            assert len(entry.content) < 4096
            count = -(-len(entry.content) // MINI)
            entry.start, entry.size = len(minifat), len(entry.content)
            minifat += [*range(entry.start + 1, entry.start + count), END]
            mini += entry.content.ljust(count * MINI, b"\0")
    sectors = Sectors()
    entries[0].start, entries[0].size = sectors.put(mini), len(mini)
    table = struct.pack(f"<{len(minifat)}I", *minifat)
    minifat_at = sectors.put(table.ljust(-(-len(table) // SECTOR) * SECTOR, b"\xff"))
    directory_at = sectors.put(b"".join(map(_entry, entries)))
    fat = [*sectors.fat, FAT] + [FREE] * (SECTOR // 4 - len(sectors.fat) - 1)
    assert len(fat) == SECTOR // 4
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<9I", 0, 1, directory_at, 0, 4096, minifat_at, -(-len(table) // SECTOR), END, 0)
    head += struct.pack("<109I", len(sectors.all), *[FREE] * 108)
    return head + b"".join(sectors.all) + struct.pack(f"<{len(fat)}I", *fat)


def _add(tree: Tree, entries: list[Entry], parent: Entry) -> None:
    """Children of a storage hang together as a chain of right siblings, which is a tree, too."""
    before: Entry | None = None
    for name in sorted(tree, key=lambda name: (len(name), name.upper())):
        value = tree[name]
        entry = Entry(name, STREAM, value) if isinstance(value, bytes) else Entry(name, STORAGE)
        if before is None:
            parent.child = len(entries)
        else:
            before.right = len(entries)
        entries.append(entry)
        before = entry
        if not isinstance(value, bytes):
            _add(value, entries, entry)


def _entry(entry: Entry) -> bytes:
    encoded = entry.name.encode("utf-16-le")
    named = encoded.ljust(64, b"\0") + struct.pack("<HBB", len(encoded) + 2, entry.kind, 1)
    places = struct.pack("<III", FREE, entry.right, entry.child)
    return named + places + bytes(36) + struct.pack("<IQ", entry.start, entry.size)
