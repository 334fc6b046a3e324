"""Specifications in YAML, read so that every number stays exactly as written."""

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from lumbung.core.measure import BadInput
from lumbung.core.message import Message


def read_specification(path: Path, *, parameter: str) -> dict[str, Any]:
    """Return a YAML mapping in which every scalar is text: `1/6` and `0.1` alike."""
    if not path.is_file():
        raise BadInput(
            Message("There is no file %(path)s.", path=str(path)), field=parameter
        )
    try:
        content = YAML(typ="base", pure=True).load(path.read_text(encoding="utf-8"))
    except MarkedYAMLError as fault:
        line = fault.problem_mark.line + 1 if fault.problem_mark else 0
        raise BadInput(
            Message("%(path)s is no YAML: line %(line)s.", path=path.name, line=line),
            field=parameter,
        ) from fault
    except (YAMLError, UnicodeDecodeError) as fault:
        raise BadInput(
            Message("%(path)s is no text in UTF-8.", path=path.name), field=parameter
        ) from fault
    if not isinstance(content, dict):
        raise BadInput(
            Message("%(path)s holds no names with values.", path=path.name),
            field=parameter,
        )
    return content
