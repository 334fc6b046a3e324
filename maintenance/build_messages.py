"""Compile every message catalogue (`.po`) into what Django reads (`.mo`).

Runs by itself when the package is installed; `python maintenance/build_messages.py`
after editing a catalogue. Babel does it, so no gettext needs to be on the machine.
"""

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).parent.parent / "lumbung"


def compile_all() -> list[Path]:
    written = []
    for source in sorted(ROOT.rglob("locale/*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime > source.stat().st_mtime:
            written.append(target)
            continue
        with source.open("rb") as text, target.open("wb") as binary:
            write_mo(binary, read_po(text, locale=source.parts[-3]))
        written.append(target)
    return written


if __name__ == "__main__":
    print(f"{len(compile_all())} message catalogues compiled.")
else:
    try:
        from hatchling.builders.hooks.plugin.interface import BuildHookInterface
    except ImportError:
        pass
    else:

        class CustomBuildHook(BuildHookInterface):
            def initialize(self, version: str, build_data: dict) -> None:
                root = Path(self.root)
                build_data["artifacts"] += [
                    str(path.relative_to(root)) for path in compile_all()
                ]
