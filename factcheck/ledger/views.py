"""Views for SQL users: findings as they stand now, those that wait for a decision, and statements with their places.

They are made again whenever the tables are brought up to date, so that they always are as written here.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

FINDING_STATES = """
CREATE VIEW finding_states AS
WITH entries AS (
  SELECT l.subject, l.seq, l.action, u.seq AS undone
  FROM log l LEFT JOIN log u ON u.subject = CAST(l.seq AS {characters}) AND u.action = 'undo'
  WHERE l.action IN ('accepted', 'dismissed', 'comment', 'assign')
), about AS (
  SELECT subject,
    max(CASE WHEN undone IS NULL AND action IN ('accepted', 'dismissed') THEN seq END) AS verdict,
    max(CASE WHEN undone IS NULL AND action = 'assign' THEN seq END) AS assigned,
    count(CASE WHEN undone IS NULL AND action = 'comment' THEN 1 END) AS comments,
    max(coalesce(undone, seq)) AS last_entry
  FROM entries GROUP BY subject
), gone AS (
  SELECT DISTINCT document_id FROM successions
), sides AS (
  SELECT f.seq, f.id, f.pair, f.kind, f.severity, f.tier, f.explanation, f.a, f.b, a.seq AS a_seq, b.seq AS b_seq,
    a.document_id AS a_document, b.document_id AS b_document, a.speaker AS a_speaker, b.speaker AS b_speaker,
    a.text AS a_text, b.text AS b_text, a.said_on AS a_said_on, b.said_on AS b_said_on, b.topic,
    CASE WHEN ga.document_id IS NULL AND gb.document_id IS NULL THEN 0 ELSE 1 END AS stale,
    CASE WHEN coalesce(a.said_on, '') > coalesce(b.said_on, '') THEN a.said_on ELSE coalesce(b.said_on, '') END AS date
  FROM findings f JOIN claims a ON a.id = f.a JOIN claims b ON b.id = f.b
    LEFT JOIN gone ga ON ga.document_id = a.document_id LEFT JOIN gone gb ON gb.document_id = b.document_id
), ranked AS (
  SELECT sides.*, row_number() OVER (PARTITION BY pair ORDER BY stale, seq) AS place FROM sides
)
SELECT r.seq, r.id, r.pair, r.kind, r.severity, r.tier,
  CASE WHEN v.action IS NOT NULL THEN v.action WHEN r.stale = 1 THEN 'stale' ELSE 'open' END AS state,
  r.stale, r.date, r.topic, r.a, r.b, r.a_seq, r.b_seq, r.a_document, r.b_document, r.a_speaker, r.b_speaker,
  r.a_text, r.b_text, r.a_said_on, r.b_said_on, da.publisher AS a_publisher, db.publisher AS b_publisher,
  da.url AS a_url, db.url AS b_url, r.explanation, v.action AS decision, v.by AS decided_by, v.at AS decided_at,
  v.note AS decision_note, {assignee} AS assigned_to, coalesce(t.comments, 0) AS comments,
  coalesce(t.last_entry, 0) AS last_entry
FROM ranked r LEFT JOIN documents da ON da.id = r.a_document LEFT JOIN documents db ON db.id = r.b_document
  LEFT JOIN about t ON t.subject = r.pair LEFT JOIN log v ON v.seq = t.verdict LEFT JOIN log g ON g.seq = t.assigned
WHERE r.place = 1
"""

OPEN_FINDINGS = "CREATE VIEW open_findings AS SELECT * FROM finding_states WHERE state = 'open'"

STATEMENTS = """
CREATE VIEW statements AS
SELECT c.seq, c.id, c.kind, c.speaker, c.target, c.topic, c.said_on, c.text, c.document_id, d.title, d.publisher,
  d.published, d.url, d.language, CASE WHEN EXISTS
    (SELECT 1 FROM successions s WHERE s.document_id = c.document_id) THEN 1 ELSE 0 END AS stale
FROM claims c JOIN documents d ON d.id = c.document_id
"""

IN_SQLITE = {"characters": "TEXT", "assignee": "json_extract(g.data, '$.to')"}
IN_POSTGRES = {"characters": "VARCHAR", "assignee": "CAST(g.data AS json) ->> 'to'"}

NAMES = ("statements", "open_findings", "finding_states")
"""A view comes before those that it reads."""


def drop_views(connection: Connection) -> None:
    """Take the views away, since tables under them cannot be changed."""
    for name in NAMES:
        connection.execute(text(f"DROP VIEW IF EXISTS {name}"))


def create_views(connection: Connection) -> None:
    """Make the views as they are written here."""
    own = IN_SQLITE if connection.dialect.name == "sqlite" else IN_POSTGRES
    for statement in (FINDING_STATES.format_map(own), OPEN_FINDINGS, STATEMENTS):
        connection.exec_driver_sql(statement)
