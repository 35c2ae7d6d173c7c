"""Who is who: names that count as one person or body because a person said so, and how to take that back."""

from __future__ import annotations

from sqlalchemy import Connection

from factcheck.ledger.log import decisions


def same_people(connection: Connection) -> dict[str, frozenset[str]]:
    """For each folded name that was merged, all the names that count as the same; others stand for themselves."""
    undone = {d.data["seq"] for d in decisions(connection, "undo")}
    groups: dict[str, frozenset[str]] = {}
    for decision in decisions(connection, "merge", "split"):
        if decision.seq in undone:
            continue
        a, b = decision.data["names"]
        if decision.action == "merge":
            joined = groups.get(a, frozenset([a])) | groups.get(b, frozenset([b]))
            groups |= dict.fromkeys(joined, joined)
        else:
            rest = groups.get(b, frozenset([b])) - {b}
            groups |= dict.fromkeys(rest, rest)
            groups[b] = frozenset([b])
    return {name: group for name, group in groups.items() if len(group) > 1}
