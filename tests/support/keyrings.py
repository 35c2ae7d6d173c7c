"""A keyring that holds nothing of this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import keyring
import keyring.errors
from keyring.backend import KeyringBackend


class InMemory(KeyringBackend):
    """A keyring that forgets with the test."""

    priority = 1

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise keyring.errors.PasswordDeleteError("none")


@contextmanager
def ring_in_memory() -> Iterator[InMemory]:
    """The keyring of this process for a while."""
    before = keyring.get_keyring()
    keyring.set_keyring(ring := InMemory())
    try:
        yield ring
    finally:
        keyring.set_keyring(before)
