"""From the order in which a line stands on paper to the order in which it is read, for right-to-left scripts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

RTL = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
RTL_LETTER = re.compile(f"[{RTL}]")
ARABIC = re.compile("[\u0600-\u08ff\ufb50-\ufdff\ufe70-\ufefc]")
FORMS = re.compile("[\ufb1d-\ufdfb\ufe70-\ufefc]+")
"""Letters as they are shaped between others; texts hold the plain ones."""

OTHER = f"(?![{RTL}])[^\\W_]"
OTHER_RUN = re.compile(f"[%‰]?{OTHER}(?:[^{RTL}]*{OTHER})?[%‰]?")
NUMBER = re.compile(r"[%‰]?\d+(?:[.,:/٫٬]\d+)*")
HEBREW_NUMBER = re.compile(r"[%‰€$£₪]*\d+(?:[.,:/+-]\d+)*[%‰€$£₪]*")
"""Numbers keep signs that stand inside them; after Arabic letters a hyphen is none of these (Unicode Annex 9)."""

PAIRS = str.maketrans("()[]{}<>«»", ")(][}{><»«")


def is_rtl(text: str) -> bool:
    """Whether most of the letters of a text run from right to left."""
    right = len(RTL_LETTER.findall(text))
    return right > 0 and right >= sum(char.isalpha() for char in text) / 2


def logical(chars: Sequence[tuple[float, str]]) -> str:
    """The text of a line that runs from right to left, from its characters and their left edges."""
    seen = "".join(char for _, char in sorted(chars, key=lambda placed: -placed[0]))
    seen = FORMS.sub(lambda match: unicodedata.normalize("NFKC", match[0]), seen)
    numbers = NUMBER if ARABIC.search(seen) else HEBREW_NUMBER
    text = _paired(OTHER_RUN.sub(lambda match: _run(match[0], numbers), seen))
    return " ".join(text.split())


def _run(seen: str, numbers: re.Pattern[str]) -> str:
    """A stretch without right-to-left letters: words of another script whole, numbers each for itself."""
    latin = [at for at, char in enumerate(seen) if char.isalpha()]
    if not latin:
        return numbers.sub(lambda match: match[0][::-1], seen)
    end = latin[-1] + 1
    return seen[:end][::-1] + numbers.sub(lambda match: match[0][::-1], seen[end:])


def _paired(text: str) -> str:
    """The text with its brackets turned where they close before they open."""
    brackets = [char for char in text if char in "()[]{}«»"]
    return text.translate(PAIRS) if brackets and brackets[0] in ")]}»" and brackets[-1] in "([{«" else text
