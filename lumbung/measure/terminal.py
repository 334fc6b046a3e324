"""Messages said on a terminal, without Django: the shell's language, plain numbers."""

import gettext
from pathlib import Path

from lumbung.core.message import Message, Text, Value
from lumbung.core.refusal import Refusal

CATALOGUES = Path(__file__).parents[1] / "locale"


def words() -> gettext.NullTranslations:
    """The catalogue for `LANGUAGE` or `LANG`; English where there is none."""
    return gettext.translation("django", CATALOGUES, fallback=True)


def say(value: Value) -> str:
    """Return `value` as a line of text; numbers as a program would write them."""
    match value:
        case Message():
            spoken = {key: say(inner) for key, inner in value.values.items()}
            template = words().gettext(value.id)
            if value.plural:
                count = int(spoken["count"])
                template = words().ngettext(value.id, value.plural, count)
            return template % spoken if spoken else template
        case Text():
            return value.en
        case _:
            return str(value)


def refusal_lines(refusal: Refusal) -> list[str]:
    """Return what a refusal says: the parameter, the reason, how to mend it."""
    where = refusal.field
    if where and where != "DATA":
        where = f"--{where.replace('_', '-')}"
    lines = [f"{where}: {say(refusal.message)}" if where else say(refusal.message)]
    lines += [f"  {say(part)}" for part in refusal.parts]
    if refusal.mend:
        lines.append(say(refusal.mend))
    return lines
