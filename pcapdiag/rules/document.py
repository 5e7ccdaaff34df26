"""YAML text as plain values that remember their lines; only the harmless part of YAML is taken.

Source: YAML 1.2.  Anchors and aliases are refused: a few lines of them can stand for gigabytes.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pcapdiag.rules.model import Problem, line_of

LONGEST = 64 * 1024
"""Bytes of a rule file."""


@dataclass(frozen=True)
class Document:
    """One file's mapping."""

    path: Path
    values: dict[str, Any]
    lines: dict[str, int]
    """Dotted key -> line, from 1."""

    def line(self, key: str) -> int:
        """Return the line of a key, or of the nearest one around it."""
        return line_of(self.lines, key)


def read_document(path: Path, problems: list[Problem]) -> Document | None:
    """Read one file; None when it cannot be read, with the reason added to `problems`."""
    import yaml

    try:
        data = path.read_bytes()
    except OSError as error:
        problems.append(Problem(path, 1, error.strerror or "cannot be read"))
        return None
    if len(data) > LONGEST:
        problems.append(Problem(path, 1, f"longer than {LONGEST} bytes"))
        return None
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        # Only what has an anchor can have an alias of it; to look costs as much as to read.
        for event in yaml.parse(data, Loader=loader) if b"&" in data else ():
            if isinstance(event, yaml.AliasEvent):
                line = event.start_mark.line + 1 if event.start_mark else 1
                problems.append(Problem(path, line, "YAML aliases are not allowed"))
                return None
        node = yaml.compose(data, Loader=loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problems.append(
            Problem(
                path, mark.line + 1 if mark else 1, f"not YAML: {error.problem or error.context}"
            )
        )
        return None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        problems.append(Problem(path, 1, f"not YAML: {error}".splitlines()[0]))
        return None
    if not isinstance(node, yaml.MappingNode):
        problems.append(Problem(path, 1, "a rule is a mapping of keys"))
        return None
    lines: dict[str, int] = {}
    values = _value(node, "", path, lines, problems)
    return Document(path, values, lines)


def _value(node: Any, key: str, path: Path, lines: dict[str, int], problems: list[Problem]) -> Any:
    """Return a node's value; numbers stay text except plain integers."""
    import yaml

    lines.setdefault(key, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Any] = {}
        for name_node, value_node in node.value:
            name = str(name_node.value)
            inner = f"{key}.{name}" if key else name
            if name in found:
                line = name_node.start_mark.line + 1
                problems.append(Problem(path, line, f"'{name}' is there twice"))
            lines[inner] = name_node.start_mark.line + 1
            found[name] = _value(value_node, inner, path, lines, problems)
        return found
    if isinstance(node, yaml.SequenceNode):
        return [
            _value(item, f"{key}.{number}", path, lines, problems)
            for number, item in enumerate(node.value)
        ]
    if node.tag == "tag:yaml.org,2002:int":
        return int(node.value) if node.value.isdigit() else node.value
    return node.value
