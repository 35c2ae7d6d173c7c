"""What the documents say is so: links lead somewhere, commands exist with their options, examples run."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer
from markdown_it import MarkdownIt
from markdown_it.token import Token

from factcheck.commands.app import app

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("seeds/*.md")])
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]


class Block(NamedTuple):
    """A block of code: the language after its fence, if any, and its text."""

    language: str
    text: str


def tokens(page: str) -> Iterator[Token]:
    for token in MarkdownIt("commonmark").enable("table").parse((ROOT / page).read_text(encoding="utf-8")):
        yield token
        yield from token.children or ()


def blocks(page: str) -> list[Block]:
    found = [t for t in tokens(page) if t.type in {"fence", "code_block"}]
    return [Block(t.info.split()[0] if t.info else "", t.content) for t in found]


def links(page: str) -> set[str]:
    ends = [t.attrs.get("href") or t.attrs.get("src") for t in tokens(page) if t.type in {"link_open", "image"}]
    return {str(end) for end in ends if end}


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as hosts of repositories and site builders make them."""
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", NAMES)
def test_every_link_leads_somewhere(page: str) -> None:
    for link in links(page):
        if re.match(r"[a-z]+:", link):
            continue
        place, _, anchor = link.partition("#")
        target = ((ROOT / page).parent / place).resolve() if place else ROOT / page
        assert target.exists(), link
        assert target.is_relative_to(ROOT), link
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target), link


def test_the_site_has_every_page_once() -> None:
    site = tomllib.loads((ROOT / "zensical.toml").read_text(encoding="utf-8"))["project"]
    listed = sorted(_leaves(site["nav"]))
    assert listed == sorted(str(p.relative_to(ROOT / "docs")) for p in ROOT.glob("docs/**/*.md"))
    assert len(listed) == len(set(listed))


def _leaves(nav: Any) -> Iterator[str]:
    if isinstance(nav, str):
        yield nav
    for part in nav.values() if isinstance(nav, dict) else nav if isinstance(nav, list) else ():
        yield from _leaves(part)


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").split()) <= 900


def commands(page: str) -> list[str]:
    """Every line of a page's code that calls the program, with its continuations and without remarks."""
    lines = [line for b in blocks(page) for line in b.text.replace("\\\n", " ").splitlines()]
    spans = [t.content for t in tokens(page) if t.type == "code_inline"]
    found = [re.sub(r"^(- run: |\$ |run: )", "", line.strip()) for line in [*lines, *spans]]
    return [re.split(r"\s+[#>] ?|\s\|\s|\s&&", line)[0] for line in found if line.startswith("factcheck ")]


def test_commands_are_looked_at() -> None:
    assert sum(len(commands(name)) for name in NAMES) > 30


@pytest.mark.parametrize("page", [name for name in NAMES if name != "CHANGELOG.md" and commands(name)])
def test_every_command_exists_with_its_options(page: str) -> None:
    for line in commands(page):
        words = [w.strip("[]") for w in shlex.split(line)[1:]]
        command: Any = typer.main.get_command(app)
        while words and hasattr(command, "commands") and not words[0].startswith("-"):
            *others, name = words.pop(0).split("|")
            assert {*others, name} <= set(command.commands), line
            command = command.commands[name]
        known = {name for p in command.params for name in (*p.opts, *p.secondary_opts)} | {"--help", "--version"}
        options = {w.split("=")[0] for w in words if re.match(r"--?[a-z]", w)}
        assert options <= known, line


EXAMPLES = [(name, b.text) for name in NAMES for b in blocks(name) if b.language == "python"]


@pytest.mark.parametrize(("page", "code"), EXAMPLES, ids=[f"{name}-{n}" for n, (name, _) in enumerate(EXAMPLES)])
def test_examples_run(page: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("seeds", "fixtures"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FACTCHECK_CACHE", str(tmp_path / "cache"))
    exec(compile(code, page, "exec"), {"__name__": "example"})


def test_the_site_is_built_without_warnings(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    shutil.copy(ROOT / "zensical.toml", tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--strict"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "build" / "site" / "index.html").exists()
