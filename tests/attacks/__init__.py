"""Attacks on what the product promises, made from data: a sample runs with the tests, the whole in tests/bench."""
