"""Writes docs/rules.md, docs/facts.md and docs/cli.md from the rules, the vocabulary and the commands.

Also the verdict that the README begins with.  `python docs/generate.py` (or `make update`);
tests/test_docs.py fails when a page is not fresh.
"""

import inspect
import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Final

import click

from pcapdiag import analyze
from pcapdiag.cli import pcapdiag
from pcapdiag.facts.vocabulary import TABLES
from pcapdiag.report import FORMATS
from pcapdiag.rules.load import load
from pcapdiag.rules.model import Rule
from pcapdiag.rules.words import unfilled

ROOT: Final = Path(__file__).resolve().parents[1]
WRITTEN: Final = "<!-- Written by docs/generate.py; do not edit. -->"


def pages() -> dict[str, str]:
    """Return every generated page: file name in the checkout and its text."""
    contents = {"rules.md": rules_page(), "facts.md": facts_page(), "cli.md": cli_page()}
    written = {f"docs/{name}": f"{WRITTEN}\n{text.rstrip()}\n" for name, text in contents.items()}
    return written | {"README.md": readme()}


def readme() -> str:
    """Return the README with the story's report, shortened, in its first block."""
    before, _, after = (ROOT / "README.md").read_text(encoding="utf-8").split("```", 2)
    return f"{before}```\n$ pcapdiag analyze samples/story.pcap\n{story()}\n```{after}"


def story() -> str:
    """Return the parts of the story's report that make a first screen, as the program prints them."""
    report = FORMATS["text"].render(analyze([ROOT / "samples" / "story.pcap"]))
    verdict, *sections = re.split(r"\n\n\n(?=.+\n-+\n)", report)
    named = {section.split("\n")[0]: section for section in sections}
    picture = named["WHO TALKS TO WHOM"].split("\n\nSession ")[0]
    frames = re.findall(r"^  frame .+(?:\n {8,}.+)*", named["WHAT HAPPENED"], re.MULTILINE)
    return "\n[...]\n".join((verdict, picture, "\n".join(frames), named["RULED OUT"])).rstrip()


def rules_page() -> str:
    """Describe every rule: what it means, when it holds, how sure it can be, what to do."""
    lines = [
        "# Rules",
        "",
        "Words in «such quotes» are filled in from the capture; conditions are SQL over the columns of",
        "[facts.md](facts.md). A finding is at least `possible`.",
        "",
    ]
    topics = groupby(sorted(load(), key=_place), key=lambda rule: rule.path.parent.name)
    bodies: list[str] = []
    for topic, members in topics:
        rules = list(members)
        lines += ["| " + topic + " | severity | what it says |", "|---|---|---|"]
        lines += [f"| [{r.id}](#{r.id}) | {r.severity} | {unfilled(r.title)} |" for r in rules]
        lines += [""]
        bodies += [f"## {topic}", "", *(line for rule in rules for line in _rule(rule))]
    return "\n".join(lines + bodies)


def _place(rule: Rule) -> tuple[str, str]:
    return rule.path.parent.name, rule.id


def _rule(rule: Rule) -> Iterator[str]:
    yield from (f"### {rule.id}", "", f"**{unfilled(rule.title)}.**", "", unfilled(rule.means), "")
    kind = "limit" if rule.is_limit else rule.severity
    yield from (f"*{kind}, one finding a {rule.scope}*", "")
    for text, heading in (
        (rule.when, "Holds when"),
        (rule.unless, "Unless"),
        *((text, f"Is only a `{severity}` when") for severity, text in rule.severity_when),
        (rule.likely, "Is `likely` when"),
        (rule.proved, "Is `proved` when"),
    ):
        if text:
            yield from (f"{heading}", "", "```sql", text.strip(), "```", "")
    if rule.blinds:
        yield from ("Beside this limit no capture is called healthy.", "")
    if rule.yields:
        yield from ("Gives way to any other error about the same sessions.", "")
    if rule.supersedes:
        yield from ("Silences " + ", ".join(f"[{each}](#{each})" for each in rule.supersedes), "")
    for heading, items in (
        ("Not judged when", [each.otherwise for each in rule.requires]),
        ("Rules out", [f"{each.hypothesis}: {each.why}" for each in rule.excludes]),
        ("What to do", [f"**{product}**: {text}" for product, text in rule.fix]),
        (
            "What to capture next",
            [f"{c.where}: `{c.command}` ({c.why})" for c in rule.next_capture],
        ),
        ("References", rule.references),
    ):
        if items:
            yield from (heading, "", *(f"- {unfilled(item)}" for item in items), "")


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
            context = _context(command, words[-1])
            for name in command.list_commands(context):
                found = command.get_command(context, name)
                assert found is not None, f"{' '.join(words)} lists {name} but does not have it"
                yield from walk((*words, name), found)

    yield from walk(("pcapdiag",), pcapdiag)


def _context(command: click.Command, name: str) -> click.Context:
    # A command keeps the help option of the first context that asks for it: all must want the same one.
    return click.Context(command, info_name=name, **pcapdiag.context_settings)


def cli_page() -> str:
    """Describe every command: how it is called, what it does, its options."""
    lines = ["# Commands", ""]
    for words, command in commands():
        context = _context(command, " ".join(words))
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
        path = ROOT / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            click.echo(f"{name} written")


if __name__ == "__main__":
    main()
