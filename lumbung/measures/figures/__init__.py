"""Figures: the numbers on pages and their birth certificates."""
