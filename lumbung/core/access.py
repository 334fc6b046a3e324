"""Who may read a row, as each model states it in one word."""

from enum import StrEnum


class Access(StrEnum):
    """The four levels of `docs/decisions/0004-access-levels.md`.

    Every model carries one as its class attribute `access`; a test fails for a
    model that states nothing.
    """

    REFERENCE = "reference"  # everyone signed in: places, codes, packs in force
    WORK = "work"  # the territory rule: cases, evidence, imports
    RESTRICTED = "restricted"  # a role that names it: where a photo was taken
    SEALED = "sealed"  # purpose logged at each reading: children, personal finance
    OWN = "own"  # one person's: tokens, sessions, settings
