"""How articles come in: each module reads one kind of original; `documents.py` puts them together."""
