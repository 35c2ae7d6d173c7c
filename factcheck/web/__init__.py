"""The desk: a web application for people who work with the findings of a ledger."""
