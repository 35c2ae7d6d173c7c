"""Where evidence is looked for; each source is named by a scheme (see `sources.named`)."""
