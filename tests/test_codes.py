"""Every code of a problem is documented once, and is one that something gives."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import factcheck
from factcheck.errors import CODES, NOT_INCOMPLETE, NOTICES, OF_THE_ENDPOINT, OF_THE_TEXT, REJECTED

PACKAGE = Path(factcheck.__file__).parent
TREES = {str(path.relative_to(PACKAGE)): ast.parse(path.read_text(encoding="utf-8")) for path in PACKAGE.rglob("*.py")}
WORD = re.compile(r"[a-z]+(_[a-z]+)*")
RAISED = ("UnreadableError", "ModelError", "_NotFoundError", "Unread", "Cause")


def word(node: ast.expr) -> str | None:
    value = node.value if isinstance(node, ast.Constant) else None
    return value if isinstance(value, str) and WORD.fullmatch(value) else None


def given(call: ast.Call) -> str | None:
    """The code in a call that makes an error, a problem or a note."""
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    named = next((word(k.value) for k in call.keywords if k.arg == "code"), None)
    if name in RAISED and call.args:
        return named or word(call.args[0])
    if name == "_problem":
        return named or next((found for arg in call.args[:2] if (found := word(arg))), None)
    return named


def test_every_code_that_is_given_is_documented() -> None:
    found = {
        code: name
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and (code := given(node))
    }
    assert {code: name for code, name in found.items() if code not in CODES} == {}
    assert len(found) > 45


def test_every_documented_code_occurs() -> None:
    words = {
        found
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if name != "errors.py" and isinstance(node, ast.Constant) and (found := word(node))
    }
    assert CODES.keys() - words == set()


def test_sets_of_codes_hold_documented_ones_only() -> None:
    assert CODES.keys() >= (NOT_INCOMPLETE | NOTICES | OF_THE_ENDPOINT | OF_THE_TEXT | REJECTED)
    assert all(meaning and not meaning.endswith(".") for meaning in CODES.values())
