"""Sums and rules: no Django, no files, no clock."""
