"""How articles come in: each module reads one kind of original; `read.py` puts them together."""
