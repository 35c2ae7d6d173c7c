"""Untrusted text made inert: what articles and models wrote does nothing in any output but show its characters."""

from __future__ import annotations

import re

BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""Controls that reorder what stands around them; the marks of right-to-left languages are not among them."""

NOT_SEEN = "\u200b\u2060-\u2065\u3164\uffa0\ufeff"
"""What takes no room or shows nothing; joiners, which scripts and emoji need, are not among them."""

NO_CHARACTERS = "\ufdd0-\ufdef" + "".join(
    chr(plane + 0xFFFE) + chr(plane + 0xFFFF) for plane in range(0, 0x110000, 0x10000)
)
"""Code points that Unicode keeps free, in every plane."""

ACTIVE = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029{BIDI}{NOT_SEEN}\ud800-\udfff{NO_CHARACTERS}]")
"""What a terminal would act on, what XML and HTML cannot hold, and what hides the order of the words."""

HIDDEN_IN_JSON = re.compile(f"[\x7f-\x9f\u2028\u2029{BIDI}{NOT_SEEN}\ud800-\udfff]")
FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
"""How a cell begins that spreadsheets calculate."""

INNER_FORMULA = re.compile(r"(?<=[;\t\r\n|])(?=[\s\"']*[=+\-@＝＋－＠])")
"""Where such a cell would begin for a spreadsheet that separates cells by another character than the comma."""

LISTED = "|".join(rf"(?<=^{digits})[.)]" for digits in (r"\d" * n for n in range(1, 10)))
MARKDOWN = re.compile(r"[\\`*_{}\[\]<>#!|~&$]|(?<=\w)\.(?=[^\W\d])|(?<=[wW]{3})\.|:(?=//)|^[-+=]|" + LISTED)
"""Characters with a meaning, and those that would turn an address into a link or the text into a list."""

REFERENCE = re.compile(
    r"@|\bGH-\d+|#\d+|:[a-z_+-][\w+-]*:|:(?:100|1234):|\b(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{7,40}\b", re.IGNORECASE
)
"""What a code host turns into people, issues, pictures and commits; in a code span it does not."""


def visible(text: str) -> str:
    """Text of the same length with a replacement character for everything that acts instead of showing."""
    return ACTIVE.sub("\ufffd", text)


def one_line(text: str) -> str:
    """Visible text without line breaks."""
    return " ".join(visible(text).split())


def as_json(text: str) -> str:
    """JSON that says the same and holds no character that a terminal or a script would act on."""
    return HIDDEN_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def markdown(text: str) -> str:
    """A stretch of a Markdown line that links, formats and mentions nothing."""
    text, parts, end = one_line(text), [], 0
    for found in REFERENCE.finditer(text):
        parts += [MARKDOWN.sub(r"\\\g<0>", text[end : found.start()]), f"`{found[0]}`"]
        end = found.end()
    return "".join((*parts, MARKDOWN.sub(r"\\\g<0>", text[end:])))


def cell(text: str) -> str:
    """A spreadsheet cell that is taken for text."""
    text = INNER_FORMULA.sub("'", visible(text))
    return f"'{text}" if FORMULA.match(text) else text


def github_message(text: str) -> str:
    """The message of a workflow command."""
    return visible(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def github_property(text: str) -> str:
    """The value of a property of a workflow command."""
    return github_message(text).replace(":", "%3A").replace(",", "%2C")
