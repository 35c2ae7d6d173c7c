"""Foreign keys for ledgers that were made before their tables had any.

They say what a column refers to, so that Datasette and other tools link rows. SQLite is not asked to enforce them, and
PostgreSQL only for new rows: a ledger whose rows somebody removed can still be opened, and `ledger verify` says so.
"""

from __future__ import annotations

from sqlalchemy import Connection, ForeignKey, MetaData, Table, inspect, text
from sqlalchemy.schema import CreateTable


def add_keys(connection: Connection, metadata: MetaData) -> None:
    """Add the foreign keys that these tables should have and do not, in the transaction that is open."""
    for table in metadata.sorted_tables:  # those that others refer to come first
        there = {key["constrained_columns"][0] for key in inspect(connection).get_foreign_keys(table.name)}
        missing = [key for key in table.foreign_keys if key.parent.name not in there]
        if missing and connection.dialect.name == "sqlite":
            _rebuild(connection, table)
        elif missing:
            for key in missing:
                connection.execute(text(_constraint(table, key)))


def _constraint(table: Table, key: ForeignKey) -> str:
    name, column, target = f"{table.name}_{key.parent.name}_fkey", key.parent.name, key.column
    return (
        f"ALTER TABLE {table.name} ADD CONSTRAINT {name} FOREIGN KEY ({column}) "
        f"REFERENCES {target.table.name} ({target.name}) DEFERRABLE INITIALLY DEFERRED NOT VALID"
    )


def _rebuild(connection: Connection, table: Table) -> None:
    """SQLite cannot add a foreign key to a table: make a new one with the same rows and indexes in its place."""
    query = text("SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = :name AND sql IS NOT NULL")
    indexes = connection.execute(query, {"name": table.name}).scalars().all()
    made, copy = f"{table.name}_new", MetaData()
    for other in table.metadata.tables.values():
        other.to_metadata(copy, name=made if other is table else other.name)
    connection.execute(CreateTable(copy.tables[made]))
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    connection.exec_driver_sql(f"INSERT INTO {made} ({columns}) SELECT {columns} FROM {table.name}")  # noqa: S608
    connection.exec_driver_sql(f"DROP TABLE {table.name}")
    connection.exec_driver_sql(f"ALTER TABLE {made} RENAME TO {table.name}")
    for statement in indexes:
        connection.exec_driver_sql(statement)
