"""The ledger: what everyone has ever said, kept in one SQLite file or a PostgreSQL database.

Nothing in it is changed or removed: documents, claims, findings and decisions are only ever added.
"""
