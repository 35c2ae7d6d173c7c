"""Characters that office programs name by their number in a font of symbols, not by what they are."""

from __future__ import annotations

ROWS = (
    (0x20, " !∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼"),
    (0xA0, "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑"),
    (0xF1, "〉∫⌠⎮⌡"),
)
SYMBOL = {start + n: char for start, row in ROWS for n, char in enumerate(row)}
"""The font Symbol, as Adobe laid it out."""

WINGDINGS = {0xFC: "✓", 0xFB: "✗", 0xA8: "☐", 0xFE: "☑", 0xFD: "☒", 0x6E: "■", 0xA7: "▪", 0xE0: "→", 0xDF: "←"}
FONTS = {"symbol": SYMBOL, "wingdings": WINGDINGS}
PRIVATE = 0xF000
"""Where these fonts begin in files that number characters by Unicode."""


def symbol(font: str, number: int) -> str | None:
    """The character with this number in a font of symbols; None where it is not known."""
    return FONTS.get(font.strip().lower(), {}).get(number - PRIVATE if number >= PRIVATE else number)
