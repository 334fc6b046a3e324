"""What a role may be allowed to do. Packs hand these words to roles."""

from lumbung.core.message import Message

WORDS = {
    "case.open": Message("open a case"),
    "case.move": Message("move a case to the next step when its gate is met"),
    "case.hold": Message("pause, resume, stop and reopen a case"),
    "case.hand_over": Message("give a case to another responsible person"),
    "override": Message("pass a gate by a recorded decision"),
    "decision.record": Message("record a decision with its minutes"),
    "fact.declare": Message("declare a fact with its evidence"),
    "evidence.add": Message("add evidence"),
    "evidence.locate": Message("see where a photo was taken"),
    "import": Message("import tables"),
    "mandate.give": Message("invite people, give and end mandates below one's own"),
    "audit.read": Message("read the trail of the territory"),
    "funded.read": Message("read the cases it funds, without their papers"),
    "pack.load": Message("load packs"),
    "place.update": Message("update the list of places"),
}
ABILITIES = frozenset(WORDS)
# A mandate with this one reads what it funds and nothing else of the territory.
FUNDING = "funded.read"
