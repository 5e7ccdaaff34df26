"""`pcapdiag rules`: what the program knows, and whether rules of one's own are right."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pcapdiag.cli.choices import folders_of
from pcapdiag.cli.trouble import Trouble, troubles
from pcapdiag.report.words import meant, paragraphs, plural, safe

if TYPE_CHECKING:
    from pcapdiag.rules import Rule, RuleSet

WIDTH = 100

more_rules = click.option(
    "--rules",
    "folders",
    metavar="DIR",
    multiple=True,
    type=click.Path(),
    help="More rules, beside the shipped ones.",
)


@click.group(short_help="List, show and check the rules.")
def rules() -> None:
    """List, show and check the rules."""


@rules.command("list")
@more_rules
def list_rules(folders: tuple[str, ...]) -> None:
    """List the rules by topic: id, severity and title."""
    known = _load(folders_of(folders))
    width = max((len(rule.id) for rule in known), default=0)
    topic = ""
    for rule in sorted(known, key=lambda rule: (rule.path.parent.name, rule.id)):
        if rule.path.parent.name != topic:
            click.echo(f"{'' if not topic else chr(10)}{safe(rule.path.parent.name)}")
            topic = rule.path.parent.name
        severity = "limit" if rule.is_limit else rule.severity
        click.echo(f"  {rule.id:{width}}  {severity:7}  {safe(rule.title)}")


def _complete_rule(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    from pcapdiag.rules import shipped_rules

    names = sorted(path.stem for path in shipped_rules().rglob("*.yaml"))
    return [name for name in names if name.startswith(incomplete)]


@rules.command()
@click.argument("rule", shell_complete=_complete_rule)
@more_rules
def show(rule: str, folders: tuple[str, ...]) -> None:
    """Show one RULE: what it means, when it holds, what to do about it."""
    known = {each.id: each for each in _load(folders_of(folders))}
    if rule not in known:
        raise Trouble(
            f"no rule is named {rule}{meant(rule, known) or '; see pcapdiag rules list.'}"
        )
    for line in _described(known[rule]):
        click.echo(line)


@rules.command()
@click.argument("folders", metavar="[DIR]...", nargs=-1, type=click.Path())
def check(folders: tuple[str, ...]) -> None:
    """Check the rules in DIR (else the shipped ones) and report every mistake with its line.

    Conditions are tried on the tables of an empty capture, so that mistakes in their SQL show, too.
    """
    known = _load(folders_of(folders, ""))
    with troubles():
        from pcapdiag.pipeline import try_rules

        try_rules(known)
    checked = [rule for rule in known if not folders or any(_below(rule.path, f) for f in folders)]
    if not checked:
        raise Trouble(f"{' '.join(folders)}: holds no rule; rules are files named <id>.yaml.")
    click.echo(f"{plural(len(checked), 'rule')} without mistakes.")


def _load(folders: tuple[Path, ...]) -> "RuleSet":
    with troubles():
        from pcapdiag.rules import load

        return load(folders)


def _below(path: Path, folder: str) -> bool:
    return path.resolve().is_relative_to(Path(folder).resolve())


def _described(rule: "Rule") -> list[str]:
    """Return what a rule says, line by line; its texts are templates, shown with their places."""
    from pcapdiag.rules.words import unfilled

    lines = [f"{rule.id}: {safe(unfilled(rule.title))}"]
    kind = "limit" if rule.is_limit else rule.severity
    lines += [f"{kind}, judged per {rule.scope}", ""]
    lines += _paragraphs(unfilled(rule.means))
    lines += _section("Holds when", [rule.when])
    lines += _section("Unless", [rule.unless])
    lines += _section("Likely when", [rule.likely])
    lines += _section("Proved when", [rule.proved])
    lines += _section("The capture must show", [unfilled(r.otherwise) for r in rule.requires])
    lines += _section("Silences", list(rule.supersedes))
    lines += _section(
        "Gives way", ["to any other error about the same sessions"] if rule.yields else []
    )
    lines += _section("Rules out", [unfilled(f"{e.hypothesis}: {e.why}") for e in rule.excludes])
    lines += _section("What to do", [unfilled(f"{name}: {text}") for name, text in rule.fix])
    lines += _section(
        "What to capture next",
        [unfilled(f"{c.where}: {c.why}\n{c.command}") for c in rule.next_capture],
    )
    lines += _section("References", list(rule.references))
    return [*lines, "", safe(f"from {rule.path}")]


def _section(heading: str, texts: list[str]) -> list[str]:
    said = [text for text in texts if text]
    if not said:
        return []
    return ["", heading, *(line for text in said for line in _paragraphs(text, "  "))]


def _paragraphs(text: str, indent: str = "") -> list[str]:
    from textwrap import wrap

    hanging = f"{indent}  " if indent else ""
    lines = []
    for paragraph in paragraphs(text):
        lines += wrap(
            paragraph,
            WIDTH,
            initial_indent=indent,
            subsequent_indent=hanging,
            # Addresses and commands are to be copied.
            break_on_hyphens=False,
            break_long_words=False,
        )
    return lines
