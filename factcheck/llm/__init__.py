"""Everything between a filled prompt and a checked answer: prompts, shapes, client, endpoint, recordings, tokens."""
