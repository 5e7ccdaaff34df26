"""Writes docs/rules.md, docs/facts.md and docs/cli.md from the rules, the vocabulary and the commands.

`python docs/generate.py` (or `make update`); tests/test_docs.py fails when a page is not fresh.
"""

import inspect
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import click
import yaml

from pcapdiag.cli import pcapdiag
from pcapdiag.facts.vocabulary import TABLES

ROOT: Final = Path(__file__).resolve().parents[1]
RULES: Final = ROOT / "rules"
WRITTEN: Final = "<!-- Written by docs/generate.py; do not edit. -->"


def pages() -> dict[str, str]:
    """Return every generated page: file name below docs/ and its text."""
    contents = {"rules.md": rules_page(), "facts.md": facts_page(), "cli.md": cli_page()}
    return {name: f"{WRITTEN}\n{text.rstrip()}\n" for name, text in contents.items()}


def rule_files() -> list[Path]:
    """Return the rules of the shipped pack, by topic and id."""
    return sorted(RULES.glob("*/*.yaml"))


def rules_page() -> str:
    """Describe every rule: what it means, when it holds, how sure it can be, what to do."""
    lines = ["# Rules", "", "Words in «such quotes» are filled in from the capture.", ""]
    topic = ""
    bodies: list[str] = []
    for path in rule_files():
        rule = yaml.safe_load(path.read_text(encoding="utf-8"))
        if path.parent.name != topic:
            topic = path.parent.name
            bodies += [f"## {topic}", ""]
            lines += [f"**{topic}**", ""]
            lines += ["| rule | severity | what it says |", "|---|---|---|"]
            lines += [_row(each) for each in sorted(path.parent.glob("*.yaml"))]
            lines += [""]
        bodies += _rule(path.stem, rule)
    return "\n".join(lines + bodies)


def _row(path: Path) -> str:
    rule = yaml.safe_load(path.read_text(encoding="utf-8"))
    title = _words(rule["title"]).replace("|", "\\|")
    return f"| [{path.stem}](#{path.stem}) | {rule['severity']} | {title} |"


def _rule(name: str, rule: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"### {name}", "", f"**{_words(rule['title'])}**", "")
    yield from (f"*{rule['severity']}, judged per {rule['scope']}*", "")
    for key in ("means",):
        yield from (_words(rule[key]), "")
    for key in ("when", "unless"):
        if key in rule:
            yield from (f"Holds {key}:", "", "```sql", str(rule[key]).strip(), "```", "")
    if rule.get("certainty"):
        yield from ("Certainty `possible`, and more when:", "")
        for word, condition in dict(rule["certainty"]).items():
            yield from (f"`{word}`:", "", "```sql", str(condition).strip(), "```", "")
    if rule.get("supersedes"):
        silenced = ", ".join(f"[{other}](#{other})" for other in rule["supersedes"])
        yield from (f"Silences {silenced}.", "")
    for key, heading in (
        ("requires", "The capture must show"),
        ("excludes", "Rules out"),
        ("fix", "What to do"),
        ("next_capture", "What to capture next"),
        ("references", "References"),
    ):
        if rule.get(key):
            yield from (f"{heading}:", "")
            yield from (f"- {item}" for item in _items(rule[key]))
            yield ""


def _items(value: Any) -> Iterator[str]:
    """Yield one line for each entry of a list or mapping of texts or small mappings."""
    entries = (
        value.items() if isinstance(value, Mapping) else ((None, each) for each in _list(value))
    )
    for key, entry in entries:
        if isinstance(entry, Mapping):
            text = "; ".join(f"{name}: {_words(item)}" for name, item in entry.items())
        else:
            text = _words(entry)
        yield text if key is None else f"**{key}**: {text}"


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _words(text: Any) -> str:
    """Return a text of a rule on one line, its places to fill in named."""
    plain = re.sub(r"\{%.*?%\}", "", str(text), flags=re.DOTALL)
    plain = re.sub(r"\{\{\s*(.*?)\s*\}\}", lambda found: f"«{found[1]}»", plain, flags=re.DOTALL)
    return " ".join(plain.split())


def facts_page() -> str:
    """Describe every table and column that rules and queries may use."""
    lines = [
        "# Facts",
        "",
        'The tables that rules and `pcapdiag query` read. NULL is "not seen" or "does not apply".',
        "",
    ]
    for table in TABLES:
        lines += [f"## {table.name}", "", f"{table.meaning[0].upper()}{table.meaning[1:]}.", ""]
        lines += ["| column | type | unit | meaning |", "|---|---|---|---|"]
        for column in table.columns:
            meaning = column.meaning.replace("|", "\\|")
            lines.append(f"| {column.name} | {column.type} | {column.unit} | {meaning} |")
        lines.append("")
    return "\n".join(lines)


def commands() -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield every command with the words that call it, the program itself first."""

    def walk(
        words: tuple[str, ...], command: click.Command
    ) -> Iterator[tuple[tuple[str, ...], click.Command]]:
        yield words, command
        if isinstance(command, click.Group):
            context = click.Context(command, info_name=words[-1])
            for name in command.list_commands(context):
                found = command.get_command(context, name)
                assert found is not None, f"{' '.join(words)} lists {name} but does not have it"
                yield from walk((*words, name), found)

    yield from walk(("pcapdiag",), pcapdiag)


def cli_page() -> str:
    """Describe every command: how it is called, what it does, its options."""
    lines = ["# Commands", ""]
    for words, command in commands():
        context = click.Context(command, info_name=" ".join(words))
        usage = " ".join((*words, *command.collect_usage_pieces(context)))
        lines += [f"## {' '.join(words)}", "", f"    {usage}", ""]
        lines += [inspect.cleandoc(command.help or "").replace("\b\n", ""), ""]
        options = [each for each in command.params if isinstance(each, click.Option)]
        if options:
            lines += ["| option | meaning |", "|---|---|", *map(_option, options), ""]
        if isinstance(command, click.Group):
            lines += ["Commands: " + ", ".join(command.list_commands(context)), ""]
    return "\n".join(lines)


def _option(option: click.Option) -> str:
    value = ""
    if isinstance(option.type, click.Choice):
        value = " " + "|".join(map(str, option.type.choices))
    elif not option.is_flag:
        value = f" {option.metavar or option.type.name.upper()}"
    names = ", ".join((*option.opts, *option.secondary_opts))
    default = f" Default: {option.default}." if option.show_default and option.default else ""
    cells = (f"`{names}{value}`", f"{option.help}{default}")
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def main() -> None:
    """Write the pages that changed."""
    for name, text in pages().items():
        path = ROOT / "docs" / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            click.echo(f"docs/{name} written")


if __name__ == "__main__":
    main()
