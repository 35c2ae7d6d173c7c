"""The shape of the code: sizes, one-way imports, and one room for each third-party library."""

from __future__ import annotations

import ast
import functools
import re
from pathlib import Path
from statistics import median

import pytest

import factcheck

PACKAGE = Path(factcheck.__file__).parent
SOURCES = {
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts): path.read_text(encoding="utf-8")
    for path in PACKAGE.rglob("*.py")
}
MODULES = {name: ast.parse(text) for name, text in SOURCES.items() if not name.endswith(".__init__")}
"""Syntax trees by name: `ground`, `quality.evaluate`."""
MAX_LINES = 400

ORDER = [
    {"__about__", "ending", "errors", "ids", "models", "order", "originals", "plural", "redaction", "views"},
    {"text"},
    {"llm", "inputs"},
    {"settings"},
    {"keys"},
    {"stages"},
    {"ledger"},
    {"sources"},
    {"flow"},
    {"pipeline"},
    {"preview"},
    {"outputs"},
    {"api", "connecting", "streaming", "watching"},
    {"tools"},
    {"quality", "web", "work"},
    {"commands"},
    {"__init__", "__main__"},
]
"""Modules and subpackages; each may import from the rows above its own, and from its own row only what does
not import back."""

LEDGER = (
    "schema",
    "aliases",
    "seals",
    "outbox",
    "successions",
    "timeline",
    "evidence",
    "incoming",
    "connection",
    "kinship",
    "store",
    "postings",
    "candidates",
    "speakers",
    "log",
    "decide",
    "view",
    "lookup",
    "verify",
    "exchange",
    "engines",
    "keys",
    "handle",
    "desk",
    "findings",
    "digest",
    "pages",
    "prefixes",
    "words",
    "views",
)

COMMANDS = (
    *("app", "console", "desk", "findings", "help", "keys", "ledger", "options", "quality", "reading", "reports"),
    *("setup", "statements", "stepping", "tools"),
)
WEB = (
    *("adding", "api", "app", "decisions", "failures", "finding", "guard", "kept", "lookups", "mcp", "operations"),
    *("logbook", "pages", "people", "queue", "routes", "serve", "signing", "static"),
)

ROOMS = {
    "openai": {"llm.endpoint"},
    "httpx": {"llm.tokens", "inputs.fetch"},
    "mcp": {"tools.mcp"},
    "anyio": {"tools.mcp"},
    "httpx2": {
        *("llm.arrival", "llm.endpoint", "llm.client", "llm.recordings", "llm.speech", "api", "connecting"),
        *("commands.doctor", "tools.checking", "web.options", "sources.asking", "sources.named"),
    },
    "tiktoken": {"llm.tokens"},
    "tenacity": {"llm.client"},
    "typer": {f"commands.{name}" for name in COMMANDS},
    "rich": {
        "commands.console",
        *(f"outputs.{name}" for name in ("evidence_view", "lookup", "queue", "terminal")),
    },
    "sqlalchemy": {*(f"ledger.{name}" for name in LEDGER), "web.accounts"},
    "anyascii": {"text.sounds"},
    "rapidfuzz": {"ledger.spellings", "stages.identify"},
    "snowballstemmer": {"ledger.features", "ledger.words"},
    "icu4py": {"text.sentences"},
    "jinja2": {"outputs.page"},
    "markupsafe": {"outputs.clips", "outputs.page"},
    "yaml": {"inputs.frontmatter", "llm.prompts"},
    "idna": {"inputs.addresses"},
    "trafilatura": {"inputs.page_fields", "inputs.selection"},
    "dateparser": {"inputs.page_dates"},
    "charset_normalizer": {"inputs.pages"},
    "webencodings": {"inputs.pages"},
    "lxml": {f"inputs.{name}" for name in ("pages", "blocks", "hidden", "docx", "fragments", "odt", "trees", "ttml")},
    "feedparser": {"inputs.feeds"},
    "oxmsg": {"inputs.outlook"},
    "warcio": {"inputs.warc"},
    "cssselect2": {"inputs.hidden", "inputs.styles"},
    "tinycss2": {"inputs.styles"},
    "pypdfium2": {"inputs.pdf", "inputs.glyphs", "inputs.layers"},
    "PIL": {"inputs.ocr"},
    "faster_whisper": {"llm.whisper"},
    "simplemma": {"text.hyphens"},
    "docx": {"inputs.docx"},
    "pydantic_settings": {"settings"},
    "argon2": {"web.accounts"},
    "starlette": {f"web.{name}" for name in WEB},
    "uvicorn": {"web.serve"},
    "keyring": {"keys"},
    "platformdirs": {"ledger.engines", "settings", "llm.tokens"},
}

WORK = {
    "httpx2": {"llm.batch", "llm.batch_api", "llm.batch_lines"}
    | {f"work.{name}" for name in ("alone", "answers", "limits", "worker")},
    "sqlalchemy": {f"work.{name}" for name in ("items", "limits", "polite", "queue", "tables", "watch")},
    "procrastinate": {"work.queue", "work.worker"},
    "prometheus_client": {"work.metrics"},
    "protego": {"work.polite"},
    "typer": {"commands.watch", "commands.work"},
}
"""Rooms of batches and of work on many machines, beside the others of a library."""

ROOMS = {name: ROOMS.get(name, set()) | WORK.get(name, set()) for name in dict.fromkeys((*ROOMS, *WORK))}


@functools.cache
def imported(tree: ast.AST) -> frozenset[str]:
    """Dotted names that are imported at run time, those only for type checking left out."""
    names: set[str] = set()
    guarded = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in guarded:
            continue
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names if node.module.startswith("factcheck")}
    return frozenset(names)


def own_imports(name: str) -> set[str]:
    return {n.removeprefix("factcheck.") for n in imported(MODULES[name])} & MODULES.keys()


def place_of(name: str) -> str:
    """A module of the top level, or the subpackage that a module lives in."""
    return name.split(".", maxsplit=1)[0]


def row_of(name: str) -> int:
    return next(i for i, row in enumerate(ORDER) if place_of(name) in row)


def test_every_module_has_its_place() -> None:
    assert set().union(*ORDER) == {place_of(name) for name in MODULES}


@pytest.mark.parametrize("name", SOURCES)
def test_no_module_is_long(name: str) -> None:
    assert len(SOURCES[name].splitlines()) <= MAX_LINES


@pytest.mark.parametrize("name", MODULES)
def test_imports_go_one_way(name: str) -> None:
    later = {other for other in own_imports(name) if row_of(other) > row_of(name)}
    assert not later
    assert name not in reached(name)


def reached(name: str) -> set[str]:
    """All modules that importing this one imports, directly or not."""
    found: set[str] = set()
    waiting = own_imports(name)
    while waiting:
        found |= waiting
        waiting = {inner for other in waiting for inner in own_imports(other)} - found
    return found


@pytest.mark.parametrize("library", ROOMS)
def test_each_library_has_its_room(library: str) -> None:
    users = {name for name, tree in MODULES.items() if any(n.split(".")[0] == library for n in imported(tree))}
    assert users == ROOMS[library]


def test_only_the_command_line_prints() -> None:
    for name, tree in MODULES.items():
        calls = {n.func.id for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
        assert "print" not in calls, name


def test_functions_are_small() -> None:
    lengths = {
        f"{name}.{node.name}": (node.end_lineno or 0) - node.lineno + 1
        for name, tree in MODULES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert median(lengths.values()) <= 12
    assert {name: n for name, n in lengths.items() if n > 50} == {}


def test_the_map_names_every_module() -> None:
    table = (PACKAGE.parent / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z_/]+)\.py`", table))
    hidden = {"__init__", "__main__", "__about__", "stages/drafts"}
    unnamed = {n.replace(".", "/") for n in MODULES if place_of(n) != "commands"} - named
    assert unnamed <= hidden
    assert {n for n in named if n.replace("/", ".") not in MODULES} == set()


def test_public_names_are_listed_sorted_and_exist() -> None:
    assert factcheck.__all__ == sorted(factcheck.__all__, key=lambda n: n)
    for name in factcheck.__all__:
        assert getattr(factcheck, name).__doc__ or name == "__version__"
    with pytest.raises(AttributeError):
        _ = factcheck.nothing_of_the_kind
