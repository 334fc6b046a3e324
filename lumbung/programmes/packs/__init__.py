"""Packs: the programmes' rules as data, read, checked, loaded, adopted."""
