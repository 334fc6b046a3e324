"""Data: the programmes' rules as packs. How to write one: docs/how-to/pack.md."""
