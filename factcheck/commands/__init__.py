"""The parts of the command line: options in, one call, output and exit code out. No rules live here."""
