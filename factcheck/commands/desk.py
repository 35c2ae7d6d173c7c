"""`factcheck desk`: serve the desk, and say who may use it."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from factcheck.commands.console import errors
from factcheck.commands.options import AllowPrivate, with_settings

if TYPE_CHECKING:
    from factcheck.web.accounts import Accounts
    from factcheck.web.options import Options

Place = Annotated[
    str | None, typer.Option("--ledger", "-l", help="A file, or postgresql://.", show_default="settings, or user data")
]
Name = Annotated[str, typer.Argument(help="Of a person; it is kept with what they decide.")]

desk = typer.Typer(help="Work with the findings of a ledger in a browser.")
users = typer.Typer(help="Who may use the desk, and as what.", no_args_is_help=True)
tokens = typer.Typer(help="What scripts sign in with.", no_args_is_help=True)
desk.add_typer(users, name="users")
desk.add_typer(tokens, name="tokens")


@desk.callback(invoke_without_command=True)
@with_settings("model", "base_url", "max_tokens", "max_cost", "language")
def serve(
    context: typer.Context,
    flags: dict[str, Any],
    place: Place = None,
    host: Annotated[str, typer.Option(help="Where to listen; others than this machine need accounts.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Where to listen.")] = 8765,
    url: Annotated[
        str | None, typer.Option(help="The address that people type, e.g. behind a reverse proxy with https.")
    ] = None,
    browse: Annotated[bool, typer.Option("--open", help="Open it in a browser.")] = False,
    replay: Annotated[Path | None, typer.Option(help="Play answers from this folder; never ask a model.")] = None,
    allow_private: AllowPrivate = False,
) -> None:
    """Work with the findings of a ledger in a browser: decide, comment, look up, add articles."""
    if context.invoked_subcommand is not None:
        return
    from factcheck.settings import load_settings

    with errors(), _extra():
        from factcheck.web.app import create_app
        from factcheck.web.options import Options
        from factcheck.web.serve import serve as run

        settings = load_settings(**flags)
        options = Options(host=host, port=port, url=url, replay=replay, allow_private=allow_private)
        app = create_app(place or settings.ledger or "default", settings, options)
        run(app, options, ready=lambda: _told(options), browse=browse)


def _told(options: Options) -> None:
    typer.echo(f"the desk is at {options.address} (Ctrl-C ends it)", err=True)
    if not options.is_loopback and not options.is_secure:
        typer.echo(
            "over http others on the way can read passwords: put https before it, and name it with --url", err=True
        )


@contextmanager
def _extra() -> Iterator[None]:
    """What the desk is made of may not be installed."""
    from factcheck.errors import UsageError

    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in {"starlette", "uvicorn", "argon2", "python_multipart", "multipart"}:
            raise
        raise UsageError("the desk needs an extra: python3 -m pip install 'factcheck-desk[desk]'") from None


@contextmanager
def _accounts(place: str | None) -> Iterator[Accounts]:
    """The accounts of the ledger that was named."""
    from factcheck.ledger.connection import open_ledger
    from factcheck.settings import load_settings

    with errors(), _extra():
        from factcheck.web.accounts import Accounts

        ledger = open_ledger(place or load_settings().ledger or "default")
        try:
            accounts = Accounts(ledger)
            accounts.prepare()
            yield accounts
        finally:
            ledger.close()


@users.command("add")
def add_user(
    name: Name,
    role: Annotated[
        Literal["reader", "checker", "editor"],
        typer.Option(help="reader looks; checker decides and adds articles; editor also says who is who."),
    ] = "checker",
    without: Annotated[bool, typer.Option("--no-password", help="For scripts, which sign in with a token.")] = False,
    place: Place = None,
) -> None:
    """Open an account, or give it another role and password; the password is asked for, or read from a pipe."""
    with _accounts(place) as accounts:
        user = accounts.add(name, role, None if without else _password())
    typer.echo(f"{user.name}: {user.role}")


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))


@users.command("list")
def list_users(place: Place = None) -> None:
    """Who has an account."""
    with _accounts(place) as accounts:
        for user in accounts.everyone():
            typer.echo(f"{user.role:<8} {user.name}")


@users.command("remove")
def remove_user(name: Name, place: Place = None) -> None:
    """Close an account with its sessions and tokens; what it decided stays."""
    with _accounts(place) as accounts:
        accounts.remove(name)
    typer.echo(f"{name}: has no account any more")


@tokens.command("add")
def add_token(
    name: Name,
    scopes: Annotated[str, typer.Option(help="What it may do, of: read, decide, add, people.")] = "read",
    days: Annotated[int, typer.Option(min=1, max=3650, help="After which it ends.")] = 365,
    place: Place = None,
) -> None:
    """Make a token for somebody with an account; it is shown once."""
    with _accounts(place) as accounts:
        typer.echo(accounts.new_token(name, scopes, days=days))
        if lacking := accounts.lacking(name, scopes):
            typer.echo(f"{name} may not {' or '.join(lacking)}; the token will, once the account's role does", err=True)


@tokens.command("list")
def list_tokens(place: Place = None) -> None:
    """All tokens, without their secrets."""
    with _accounts(place) as accounts:
        for token in accounts.every_token():
            until = datetime.datetime.fromtimestamp(token.expires, datetime.UTC).date()
            typer.echo(f"{token.id}  {token.name}  {token.scopes}  until {until}")


@tokens.command("remove")
def remove_token(key: Annotated[str, typer.Argument(help="Its id, see `list`.")], place: Place = None) -> None:
    """Let a token count no longer."""
    with _accounts(place) as accounts:
        accounts.remove_token(key)
    typer.echo(f"{key}: counts no longer")
