"""How good it is: answer keys, suites of pairs, the one-prompt alternative, scores and regressions."""
