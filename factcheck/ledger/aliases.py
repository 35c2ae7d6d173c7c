"""Under which names claims of the same person or body may stand: those that people merged, and those that texts tie.

An office stands for different people at different times, so these serve to find claims and never to join them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from threading import Lock
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, select

from factcheck.ledger.schema import ties
from factcheck.ledger.speakers import same_people
from factcheck.text.names import folded

Names = frozenset[str]


@dataclass
class _Tied:
    """What was read of the ties of an open ledger, which are only added to."""

    last: int = 0
    near: dict[str, Names] = field(default_factory=dict)
    """For each folded name those that a text ties it to; a set is replaced, never changed."""
    lock: Lock = field(default_factory=Lock)


_READ: WeakKeyDictionary[Engine, _Tied] = WeakKeyDictionary()


class Aliases(Mapping[str, Names]):
    """For each folded name that has others all of them and itself: merged with it, tied to it, or merged with those."""

    def __init__(self, near: Mapping[str, Names], same: Mapping[str, Names]) -> None:
        self._near = near
        self._same = same

    def __getitem__(self, name: str) -> Names:
        if name not in self._near and name not in self._same:
            raise KeyError(name)
        tied = {name} | self._near.get(name, frozenset())
        return frozenset(tied.union(*(self._same.get(one, ()) for one in tied)))

    def __iter__(self) -> Iterator[str]:
        return iter({**self._near, **self._same})

    def __len__(self) -> int:
        return len(self._near.keys() | self._same.keys())


def aliases(connection: Connection) -> Aliases:
    """The aliases of a ledger as it is now; of the ties only those are read that came since the last time."""
    tied = _READ.setdefault(connection.engine, _Tied())
    with tied.lock:
        query = select(ties.c.seq, ties.c.written, ties.c.name).where(ties.c.seq > tied.last).order_by(ties.c.seq)
        for row in connection.execute(query):
            a, b = folded(row.written), folded(row.name)
            for one, other in ((a, b), (b, a)):
                if other not in tied.near.get(one, ()):
                    tied.near[one] = tied.near.get(one, frozenset()) | {other}
            tied.last = row.seq
    return Aliases(tied.near, same_people(connection))
