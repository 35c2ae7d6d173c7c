"""Name and version."""

VERSION = "0.1.0"
TOOL = f"factcheck {VERSION}"
