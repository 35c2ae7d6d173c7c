"""The examples in the documentation of public names do what they say."""

from __future__ import annotations

import asyncio
import doctest
import inspect
from pathlib import Path
from typing import Any

import pytest

import factcheck

ROOT = Path(__file__).parent.parent
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
WITHOUT = {"evidence", "aevidence"}
"""What no recording answers."""

PUBLIC = [name for name in factcheck.__all__ if name != "__version__"]


def documented(name: str) -> list[tuple[str, str]]:
    """A public name, and the methods of a public class, with their documentation."""
    value = getattr(factcheck, name)
    own = [(name, inspect.getdoc(value) or "")]
    if inspect.isclass(value):
        own += [
            (f"{name}.{key}", inspect.getdoc(member) or "")
            for key, member in vars(value).items()
            if inspect.isfunction(member) and not key.startswith("_")
        ]
    return own


EXAMPLES = [("factcheck", factcheck.__doc__ or "")] + [
    (where, text) for name in PUBLIC for where, text in documented(name) if ">>>" in text
]


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A folder with the seeds, their recordings and a ledger, and a report on them."""
    folder = tmp_path_factory.mktemp("examples")
    for name in ("seeds", "fixtures"):
        (folder / name).symlink_to(ROOT / name)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        report = factcheck.check("seeds/nato-2014", replay="fixtures/recordings", ledger="desk.db")
    return {"factcheck": factcheck, "asyncio": asyncio, "Path": Path, "report": report, "folder": folder}


@pytest.mark.parametrize(("name", "text"), EXAMPLES, ids=[name for name, _ in EXAMPLES])
def test_examples_give_what_they_say(
    name: str, text: str, known: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(known["folder"])
    if "polars" in text:
        pytest.importorskip("polars")
    example = doctest.DocTestParser().get_doctest(text, dict(known), name, None, 0)
    out: list[str] = []
    failed = doctest.DocTestRunner(optionflags=OPTIONS).run(example, out=out.append).failed
    assert not failed, "".join(out)


def test_every_public_function_has_an_example() -> None:
    without = [
        n for n in PUBLIC if n not in WITHOUT and inspect.isroutine(getattr(factcheck, n)) and n not in dict(EXAMPLES)
    ]
    assert not without


def test_check_documents_every_parameter() -> None:
    text = inspect.getdoc(factcheck.check) or ""
    assert [name for name in inspect.signature(factcheck.check).parameters if f"    {name}: " not in text] == []
