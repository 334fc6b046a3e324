"""Runs: places put into classes by a rule, kept and comparable."""
