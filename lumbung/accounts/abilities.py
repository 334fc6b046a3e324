"""What a role may be allowed to do. Packs hand these words to roles."""

ABILITIES = frozenset(
    {
        "audit.read",  # read the trail of the territory
        "case.hand_over",  # give a case to another responsible person
        "case.hold",  # pause, resume, stop, reopen
        "case.move",  # move to the next step where the gate is met
        "case.open",
        "decision.record",
        "evidence.add",
        "evidence.locate",  # see where a photo was taken
        "fact.declare",
        "import",
        "mandate.give",  # invite people, give and end mandates below one's own
        "override",  # pass a gate by a recorded decision
        "pack.load",
        "place.update",
    }
)
