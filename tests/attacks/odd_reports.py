"""Saved reports that somebody broke, and what becomes of them."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import factcheck
from factcheck.errors import UsageError
from factcheck.models import Claim, Evidence, Report
from factcheck.outputs.render import FORMATS
from tests.attacks.odd_answers import broken
from tests.support.evidence import weighed
from tests.support.reports import bills

LONGEST = 20.0
"""Seconds that reading and rendering one may take, on a slow machine."""


def reports(number: int, seed: int = 4) -> Iterator[bytes]:
    """So many broken forms of a report with findings and evidence, the same ones for the same seed."""
    dice = random.Random(seed)
    whole = weighed(bills(Path())).model_dump_json()
    for _ in range(number):
        yield broken(_fewer(json.loads(whole), dice), dice).encode("utf-8", "surrogatepass")


def _fewer(value: dict[str, Any], dice: random.Random) -> dict[str, Any]:
    """Now and then without a part of what a list holds, so that others point to nothing."""
    lists = [key for key, inner in value.items() if isinstance(inner, list) and inner]
    if lists and dice.random() < 0.2:
        inner = value[dice.choice(lists)]
        inner.pop(dice.randrange(len(inner)))
    return value


def faults(content: bytes, folder: Path) -> list[str]:
    """What one broken report achieved; nothing where it is refused with one line, or holds and can be shown."""
    began, found = time.monotonic(), []
    place = folder / "report.json"
    place.write_bytes(content)
    try:
        report = factcheck.load_report(place)
    except UsageError as error:
        found += [f"not one line: {error}"[:200]] if "\n" in str(error) or str(place) not in str(error) else []
    else:
        found += unproved(report)
        for name in FORMATS:
            factcheck.render(report, name)
    return [*found, f"took {time.monotonic() - began:.0f} s"] if time.monotonic() - began > LONGEST else found


def unproved(report: Report) -> list[str]:
    """Quotes that do not stand in their document."""
    texts = {document.id: document.text for document in report.documents}
    quoting: list[Claim | Evidence] = [*report.claims, *report.evidence]
    return [
        f"words that nobody wrote: {q.exact!r}"
        for one in quoting
        for q in one.quotes
        if not q.exact or texts[one.document_id][q.start : q.end] != q.exact
    ]
