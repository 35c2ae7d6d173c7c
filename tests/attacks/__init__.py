"""Attacks on what the product promises, generated from data; a sample runs with the tests, all of them in tests/bench."""
