"""A small answer key."""

from __future__ import annotations

from typing import Any

JUNE = "Ann Roe, the chair, wants the pier leased. Rain fell on the town. The pier is 90 metres long, the board says."
JULY = "The pier will not be leased, said Roe. Ben Ito accuses her of waste. It snowed in the hills."
KEY: dict[str, Any] = {
    "documents": [
        {"id": "a", "date": "2024-06-01", "publisher": "Echo", "title": "June", "text": JUNE},
        {"id": "b", "date": "2024-07-01", "publisher": "Echo", "title": "July", "text": JULY},
    ],
    "claims": [
        {
            "doc": "a",
            "quote": "Ann Roe, the chair, wants the pier leased",
            "speaker": "Ann Roe",
            "kinds": ["official_position"],
            "target": None,
        },
        {
            "doc": "b",
            "quote": "The pier will not be leased",
            "speaker": "Ann Roe",
            "kinds": ["official_position"],
            "target": None,
        },
        {
            "doc": "b",
            "quote": "Ben Ito accuses her of waste.",
            "speaker": "Ben Ito",
            "kinds": ["accusation"],
            "target": "Ann Roe",
        },
        {"doc": "a", "quote": "Rain fell on the town.", "speaker": "Echo", "kinds": ["assertion"], "target": None},
    ],
    "contradictions": [
        {
            "a": {"doc": "a", "quote": "Ann Roe, the chair, wants the pier leased"},
            "b": {"doc": "b", "quote": "The pier will not be leased"},
            "kind": "reversal",
            "severity": "partial",
        }
    ],
    "decoys": [
        {
            "a": {"doc": "a", "quote": "Rain fell on the town."},
            "b": {"doc": "b", "quote": "It snowed in the hills."},
            "why_not": "days",
        }
    ],
}
