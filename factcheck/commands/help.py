"""What `--help` shows beside the options: groups of commands, and an example of each."""

from __future__ import annotations

from collections.abc import Iterator

import typer
from typer.models import CommandInfo

EXAMPLES = {
    "check": "check article.md interviews/ --ledger desk.db --out report.html",
    "extract": "extract article.md --format claims-csv",
    "prompts": "prompts judge",
    "doctor": "doctor --base-url http://localhost:11434/v1 --model qwen3:8b",
    "tokenizer": "tokenizer o200k_base.tiktoken",
    "recordings": "recordings tape",
    "read": "read page.html --full",
    "evidence": 'evidence "The port handled 4,210 ships in 2022" --evidence references/',
    "timeline": 'timeline "Alexander Stubb" --topic NATO --ledger desk.db',
    "search": "search harbour fees --ledger desk.db",
    "show": "show f-5f3b --ledger desk.db",
    "findings": "findings --speaker Stubb --since 2014-06 --ledger desk.db",
    "review": 'review --by "Mina Ek" --ledger desk.db',
    "mcp": "mcp --ledger desk.db",
    "init": "init --base-url http://localhost:11434/v1 --model qwen3:8b --ledger desk.db",
    "keys set": "keys set google",
    "keys list": "keys list",
    "keys remove": "keys remove google",
    "enqueue": "enqueue articles/ --ledger postgresql://desk@db.example/factcheck",
    "worker": "worker --ledger postgresql://desk@db.example/factcheck",
    "eval": "eval fixtures/cases --replay fixtures/recordings",
    "regress": "regress init articles/ --into our-cases",
    "report": "report report.json --format markdown",
    "open": "open report.json",
    "diff": "diff old.json new.json",
    "desk": "desk --ledger desk.db --open",
    "desk users add": 'desk users add "Mina Ek" --role checker --ledger desk.db',
    "desk users list": "desk users list --ledger desk.db",
    "desk users remove": 'desk users remove "Mina Ek" --ledger desk.db',
    "desk tokens add": 'desk tokens add "nightly script" --ledger desk.db',
    "desk tokens list": "desk tokens list --ledger desk.db",
    "desk tokens remove": 'desk tokens remove "nightly script" --ledger desk.db',
    "speakers list": "speakers list Stubb --ledger desk.db",
    "speakers suggest": "speakers suggest --ledger desk.db",
    "speakers merge": 'speakers merge "A. Stubb" "Alexander Stubb" --by "Mina Ek" --ledger desk.db',
    "speakers split": 'speakers split "A. Stubb" "Alexander Stubb" --by "Mina Ek" --ledger desk.db',
    "speakers undo": 'speakers undo 3 --by "Mina Ek" --ledger desk.db',
    "speakers log": "speakers log --ledger desk.db",
    "ledger status": "ledger status --ledger desk.db",
    "ledger verify": "ledger verify --ledger desk.db",
    "ledger retract": 'ledger retract d-898b --by "Mina Ek" --note "Withdrawn by its editor" --ledger desk.db',
    "ledger export": "ledger export --ledger desk.db --out desk.jsonl",
    "ledger import": "ledger import desk.jsonl --ledger desk.db",
    "jobs list": "jobs list --ledger postgresql://desk@db.example/factcheck",
    "jobs retry": "jobs retry --ledger postgresql://desk@db.example/factcheck",
    "jobs cancel": "jobs cancel 12 --ledger postgresql://desk@db.example/factcheck",
    "jobs budget": "jobs budget --ledger postgresql://desk@db.example/factcheck",
    "watch add": "watch add https://courier.example/feed --every 15m --ledger desk.db",
    "watch list": "watch list --ledger desk.db",
    "watch remove": "watch remove https://courier.example/feed --ledger desk.db",
    "watch run": "watch run --ledger desk.db",
}


PANELS = {
    "Read and compare": ("check", "extract", "read", "evidence", "report", "open", "diff"),
    "A ledger and its desk": ("timeline", "search", "show", "findings", "review", "speakers", "ledger", "desk"),
    "Many articles": ("watch", "enqueue", "worker", "jobs"),
    "Set-up, other programs, quality": (
        "init",
        "keys",
        "doctor",
        "prompts",
        "tokenizer",
        "recordings",
        "mcp",
        "eval",
        "regress",
    ),
}


def arrange(app: typer.Typer) -> None:
    """Put commands into their groups, and its example at the end of each one's help."""
    panels = {name: panel for panel, names in PANELS.items() for name in names}
    for name, command in commands_of(app):
        command.epilog = f"Example: factcheck {EXAMPLES[name]}"
        command.rich_help_panel = panels.get(name)
    for group in app.registered_groups:
        group.rich_help_panel = panels[str(group.name)]
        if group.name in EXAMPLES:
            group.epilog = f"Example: factcheck {EXAMPLES[group.name]}"


def commands_of(app: typer.Typer, before: str = "") -> Iterator[tuple[str, CommandInfo]]:
    """Every command with its whole name."""
    for command in app.registered_commands:
        own = command.name or getattr(command.callback, "__name__", "").replace("_", "-")
        yield before + own, command
    for group in app.registered_groups:
        if group.typer_instance:
            yield from commands_of(group.typer_instance, f"{before}{group.name or group.typer_instance.info.name} ")
