"""What a desk keeps of what it made: not more than it may hold, and not longer than it is true."""

from __future__ import annotations

import pytest

from factcheck.web import kept
from factcheck.web.kept import Kept, Key, Made


def test_what_was_asked_for_longest_ago_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST", 300)
    monkeypatch.setattr(kept, "LARGEST", 150)
    store, made = Kept(), []

    def ask(address: str, size: int = 100) -> None:
        def make() -> Made:
            made.append(address)
            return Made(b"x" * size)

        assert store.once(Key(address, "all"), "head", make)

    for address in ("a", "b", "c", "a", "d"):
        ask(address)
    assert made == ["a", "b", "c", "d"]
    ask("a")
    ask("b")
    assert made == ["a", "b", "c", "d", "b"]
    ask("e", 151)
    ask("e", 151)
    assert made[5:] == ["e", "e"]


def test_another_head_or_too_long_a_time_makes_it_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    now, store, made = 1000.0, Kept(), []
    monkeypatch.setattr("factcheck.web.kept.time.monotonic", lambda: now)

    def ask(head: str) -> bytes | None:
        def make() -> Made:
            made.append(head)
            return Made(f"{len(made)}".encode())

        found = store.once(Key("a", "all"), head, make)
        return found and found.body

    assert [ask("one"), ask("one"), ask("two"), ask("two")] == [b"1", b"1", b"2", b"2"]
    now += kept.LONGEST
    assert ask("two") == b"3"
    assert store.once(Key("b", "all"), "two", lambda: None) is None
