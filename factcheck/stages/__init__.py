"""The steps from a document to findings: plain functions from values to (values, problems)."""
