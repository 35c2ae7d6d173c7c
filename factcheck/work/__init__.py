"""Work on many machines, or over time: a queue of documents, the workers that do it, and sources that are watched."""
