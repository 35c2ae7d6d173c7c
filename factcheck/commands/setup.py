"""The first settings of a desk: `factcheck init` asks for them and writes `factcheck.toml`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from factcheck.commands.console import errors

HEAD = """# Settings of factcheck; options and FACTCHECK_... in the environment win over them.
# The key stays out of this file: set OPENAI_API_KEY in the environment.
"""


@errors()
def init(
    base_url: Annotated[str | None, typer.Option(help="The endpoint to ask, e.g. http://localhost:11434/v1.")] = None,
    model: Annotated[str | None, typer.Option(help="The model to ask.")] = None,
    ledger: Annotated[str | None, typer.Option(help="Where statements are kept; an empty word for no ledger.")] = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="The file to write.")] = Path("factcheck.toml"),
) -> None:
    """Write factcheck.toml: which endpoint and model to ask, and where to keep what was said.

    What no option says is asked for; without a terminal it stays as it is by default.
    """
    from factcheck.errors import UsageError
    from factcheck.settings import DEFAULT_MODEL, Settings, load_settings

    if out.exists():
        raise UsageError(f"{out}: is there already; change it, or name another file with --out")
    usual = Settings.model_fields["base_url"].default
    chosen = {
        "base_url": _said(base_url, "Endpoint", usual),
        "model": _said(model, "Model", DEFAULT_MODEL),
        "ledger": _said(ledger, "Ledger (empty for none)", ""),
    }
    load_settings(**{name: value for name, value in chosen.items() if value})
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in chosen.items() if value]
    try:
        out.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{out}: cannot be written ({error.strerror})") from None
    typer.echo(f"{out}: written. Next: factcheck doctor")


def _said(given: str | None, what: str, usual: str) -> str:
    if given is not None or not sys.stdin.isatty():
        return usual if given is None else given
    return str(typer.prompt(what, default=usual, show_default=bool(usual)))
