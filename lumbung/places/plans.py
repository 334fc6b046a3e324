"""What a new edition of the list would change here, before anything is changed."""

from collections.abc import Mapping
from dataclasses import dataclass

from lumbung.core.editions import Comparison, Pair, compare, level
from lumbung.core.message import Message
from lumbung.core.names import key
from lumbung.core.refusal import Refusal
from lumbung.places.editions import EditionFile
from lumbung.places.models import Edition, Level, Place


class EditionChanged(Refusal):
    """The same number, but not the same content as was loaded."""

    code = "edition_changed"


class OlderEdition(Refusal):
    """An older edition than the one in force."""

    code = "older_edition"


class UnknownDecision(Refusal):
    """A decision about a code that is in neither edition."""

    code = "unknown_decision"


@dataclass(frozen=True)
class Plan:
    """One edition, laid beside the places in force; codes throughout.

    `gone` and `new` count codes as the two lists have them; `moved` are places that
    go on under another code, `ended` those that nobody continues, `opened` those that
    nobody was. What is `doubtful` must be decided before the plan can be carried out.
    """

    edition: EditionFile
    before: Mapping[str, str]
    comparison: Comparison

    @property
    def gone(self) -> list[str]:
        return [code for code in self.before if code not in self.edition.names]

    @property
    def new(self) -> list[str]:
        return [code for code in self.edition.names if code not in self.before]

    @property
    def moved(self) -> list[Pair]:
        pairs = self.comparison.pairs.items()
        return [Pair(before, after) for before, after in pairs if before != after]

    @property
    def renamed(self) -> list[Pair]:
        names = self.edition.names
        return [
            Pair(before, after)
            for before, after in self.comparison.pairs.items()
            if self.before[before] != names[after]
        ]

    @property
    def respelled(self) -> list[Pair]:
        """Renamed, but only in case, spaces or marks."""
        names = self.edition.names
        return [
            pair
            for pair in self.renamed
            if key(self.before[pair.before]) == key(names[pair.after])
        ]

    @property
    def doubtful(self) -> list[Pair]:
        return self.comparison.doubtful

    @property
    def ended(self) -> list[str]:
        return self.comparison.gone

    @property
    def opened(self) -> list[str]:
        return self.comparison.new

    def counts(self) -> dict[str, int]:
        """Everything by number, for people and for the audit trail."""
        return {
            "gone": len(self.gone),
            "new": len(self.new),
            "new_villages": sum(level(c) == Level.VILLAGE for c in self.new),
            "new_subdistricts": sum(level(c) == Level.SUBDISTRICT for c in self.new),
            "moved": len(self.moved),
            "renamed": len(self.renamed) - len(self.respelled),
            "respelled": len(self.respelled),
            "ended": len(self.ended),
            "opened": len(self.opened),
            "split": len(self.comparison.split),
            "merged": len(self.comparison.merged),
            "doubtful": len(self.doubtful),
        }


def preview(edition: EditionFile, decided: Mapping[str, str] | None = None) -> Plan:
    """Lay `edition` beside what is in force; writes nothing.

    `decided` adds to the decisions that came with the file and wins over them.
    Refuses an older edition, and the same number with other content.
    """
    refuse_misfit(edition)
    before = dict(
        Place.objects.in_force()
        .filter(level__gt=Level.COUNTRY)
        .order_by("path")
        .values_list("code", "name")
    )
    decisions = {**edition.decided, **(decided or {})}
    if decided:
        refuse_unknown(decided, before, edition)
    known = {
        old: new
        for old, new in decisions.items()
        if old in before and (not new or new in edition.names)
    }
    return Plan(edition, before, compare(before, edition.names, known))


def refuse_misfit(edition: EditionFile) -> None:
    loaded = Edition.objects.filter(number=edition.number).first()
    if loaded and loaded.sha256 != edition.sha256:
        raise EditionChanged(
            Message(
                "Edition %(number)s is here already, with other content.",
                number=edition.number,
            ),
            mend=Message("Give the changed list a number of its own."),
        )
    latest = Edition.objects.latest_loaded()
    if latest and latest.valid_from > edition.valid_from:
        raise OlderEdition(
            Message(
                "Edition %(number)s is older than %(present)s, which is in force.",
                number=edition.number,
                present=latest.number,
            )
        )


def refuse_unknown(
    decided: Mapping[str, str], before: Mapping[str, str], edition: EditionFile
) -> None:
    unknown = [old for old in decided if old not in before]
    unknown += [new for new in decided.values() if new and new not in edition.names]
    if unknown:
        raise UnknownDecision(
            Message(
                "You decided about %(codes)s, which is in neither list.",
                codes=", ".join(unknown),
            )
        )
