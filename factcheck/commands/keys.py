"""Keys in the keyring of this machine: `factcheck keys set`, `list`, `remove`. No key is ever shown."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from factcheck.commands.console import errors
from factcheck.commands.options import with_settings

keys = typer.Typer(help="Keep the keys of endpoints and services in the keyring of this machine.", no_args_is_help=True)

What = Annotated[str, typer.Argument(help="endpoint (the one of --base-url), google or brave.")]


@keys.command("set")
@errors()
@with_settings("base_url")
def set_key(flags: dict[str, Any], what: What = "endpoint") -> None:
    """Keep a key: it is asked for, or read from standard input, and never shown."""
    from factcheck.errors import UsageError
    from factcheck.keys import keep_key, kept_for
    from factcheck.settings import load_settings

    name = kept_for(load_settings(**flags), what)
    is_asked = sys.stdin is not None and sys.stdin.isatty()
    given = typer.prompt(f"Key for {name}", hide_input=True) if is_asked else sys.stdin.readline()
    if not (value := str(given).strip()):
        raise UsageError("no key was given; type it, or pipe it: factcheck keys set < key.txt")
    keep_key(name, value)
    typer.echo(f"A key for {name} is kept in the keyring.")


@keys.command("list")
@errors()
@with_settings("base_url")
def list_keys(flags: dict[str, Any]) -> None:
    """Say for which of the endpoint and the services there is a key, and where it comes from."""
    from factcheck.keys import SERVICES, kept_for, kept_key
    from factcheck.settings import load_settings

    settings = load_settings(**flags)
    for what in ("endpoint", *SERVICES):
        name = kept_for(settings, what)
        given = settings.api_key if what == "endpoint" else getattr(settings, f"{what}_key")
        where = "set in the environment or factcheck.toml" if given else "in the keyring" if kept_key(name) else "none"
        typer.echo(f"{name}: {where}")


@keys.command("remove")
@errors()
@with_settings("base_url")
def remove_key(flags: dict[str, Any], what: What = "endpoint") -> None:
    """Take a key out of the keyring."""
    from factcheck.keys import forget_key, kept_for
    from factcheck.settings import load_settings

    name = kept_for(load_settings(**flags), what)
    forget_key(name)
    typer.echo(f"The key for {name} is no longer in the keyring.")
