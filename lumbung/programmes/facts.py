"""Filled as the package grows."""
