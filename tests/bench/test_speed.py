"""Start-up, the demo, and grounding, as ratios to a bare interpreter measured in the same run."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from factcheck.inputs.documents import document_from_text
from factcheck.models import Claim
from factcheck.stages.drafts import Draft, Pointer
from factcheck.stages.ground import ground
from factcheck.text.folding import fold
from factcheck.text.sentences import sentences_of

ROOT = Path(__file__).parent.parent.parent


def median_time(action: Callable[[], object], times: int = 7) -> float:
    def once() -> float:
        began = time.perf_counter()
        action()
        return time.perf_counter() - began

    return statistics.median(once() for _ in range(times))


def command(*arguments: str) -> Callable[[], object]:
    return lambda: subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, check=True)


def test_start_up_and_demo() -> None:
    bare = median_time(command("-c", "pass"))
    helped = median_time(command("-m", "factcheck", "--help"))
    demo = median_time(command("-m", "factcheck", "check", "seeds/nato-2014", "--replay", "fixtures/recordings"), 3)
    print(f"\nfactcheck --help: {helped:.2f} s, {helped / bare:.0f} times a bare interpreter ({bare:.3f} s)")
    print(f"demo: {demo:.2f} s, {demo / bare:.0f} times a bare interpreter")


def test_grounding_against_plain_search() -> None:
    text = " ".join(f"In story {n} the mayor’s office said that {n + 3} bridges would not close." for n in range(2000))
    document = document_from_text(text)
    spans = sentences_of(document.text, document.language)
    quotes = [document.text[s.start + 3 : s.end - 1].replace("’", "'") for s in spans]

    def find() -> None:
        assert all(quote.split()[0] and document.text.find(quote[-30:]) >= 0 for quote in quotes)

    def grounded() -> None:
        fold.cache_clear()
        drafts = (
            Draft(document, (Pointer(s.number, q),), None, "assertion", "t") for s, q in zip(spans, quotes, strict=True)
        )
        assert all(isinstance(ground(draft), Claim) for draft in drafts)

    plain, strict = median_time(find, 3), median_time(grounded, 3)
    rate = len(quotes) / strict
    print(
        f"\ngrounding: {rate:,.0f} quotes/s in a text of {len(text):,} characters, {strict / plain:.1f} times str.find"
    )
