"""The shape of the code: sizes, one-way imports, and one room for each third-party library."""

from __future__ import annotations

import ast
from pathlib import Path
from statistics import median

import pytest

import factcheck

PACKAGE = Path(factcheck.__file__).parent
MODULES = {path.stem: ast.parse(path.read_text(encoding="utf-8")) for path in PACKAGE.glob("*.py")}
MAX_LINES = 400

ORDER = [
    {"__about__", "errors", "models"},
    {"sentences", "folding", "tokens", "documents", "prompts", "wire"},
    {"negation", "drafts", "recordings"},
    {"ground", "split", "endpoint"},
    {"chat", "settings", "pair"},
    {"extract", "judge", "oneprompt", "terminal"},
    {"review"},
    {"pipeline"},
    {"runs", "evaluate", "inspection"},
    {"suite"},
    {"trials"},
    {"scorecard"},
    {"regress"},
    {"quality_commands"},
    {"cli"},
    {"__init__", "__main__"},
]
"""Each module may import from the rows above its own, and from its own row only what does not import back."""

ROOMS = {
    "openai": {"endpoint"},
    "httpx": {"tokens"},
    "httpx2": {"endpoint", "chat", "recordings", "runs"},
    "tiktoken": {"tokens"},
    "tenacity": {"chat"},
    "typer": {"cli", "quality_commands"},
    "rich": {"cli", "terminal"},
    "icu4py": {"sentences"},
    "yaml": {"documents", "prompts"},
    "pydantic_settings": {"settings"},
    "platformdirs": {"settings", "tokens"},
}
STAGES = {"split", "extract", "ground", "pair", "judge", "review"}


def imported(tree: ast.AST) -> set[str]:
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
            names |= {f"{node.module}.{alias.name}" for alias in node.names if node.module == "factcheck"}
    return names


def own_imports(name: str) -> set[str]:
    return {n.split(".")[1] for n in imported(MODULES[name]) if n.startswith("factcheck.")} & MODULES.keys()


def row_of(name: str) -> int:
    return next(i for i, row in enumerate(ORDER) if name in row)


def test_every_module_has_its_place() -> None:
    assert set().union(*ORDER) == MODULES.keys()


@pytest.mark.parametrize("name", MODULES)
def test_no_module_is_long(name: str) -> None:
    assert len((PACKAGE / f"{name}.py").read_text(encoding="utf-8").splitlines()) <= MAX_LINES


@pytest.mark.parametrize("name", MODULES)
def test_imports_go_one_way(name: str) -> None:
    later = {other for other in own_imports(name) if row_of(other) > row_of(name)}
    mutual = {other for other in own_imports(name) if name in own_imports(other)}
    assert not later
    assert not mutual


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
    table = factcheck.__doc__ or ""
    hidden = {"__init__", "__main__", "__about__"}
    assert {name for name in MODULES if f"{name}.py" not in table} == hidden


def test_public_names_are_listed_sorted_and_exist() -> None:
    assert factcheck.__all__ == sorted(factcheck.__all__, key=lambda n: n)
    for name in factcheck.__all__:
        assert getattr(factcheck, name).__doc__ or name == "__version__"
    with pytest.raises(AttributeError):
        _ = factcheck.nothing_of_the_kind
