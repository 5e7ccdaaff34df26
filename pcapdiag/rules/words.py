"""Texts of rules into words: templates without loops, calls or attributes, so that any pack is harmless.

Source: Jinja2's sandbox (jinja.palletsprojects.com/sandbox), tightened: only facts, comparisons and a few
filters remain, so a text can neither run long nor grow large.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from pcapdiag.report.words import duration, plural

if TYPE_CHECKING:
    from jinja2 import Environment, Template, nodes

LONGEST = 4_000
"""Characters of one text."""

SHOWN = 4
"""Names that a list shows before it counts the rest."""


class TextError(Exception):
    """A template with a mistake; the message says which."""


def seconds(nanoseconds: int | None) -> str:
    """Return a time as the whole report writes it: ``0.019 ms``, ``1.2 s``."""
    return "an unknown time" if nanoseconds is None else duration(nanoseconds)


def names(values: Sequence[Any] | None, most: int = SHOWN) -> str:
    """Return ``a, b, c and 9 more``; an empty list as ``none``."""
    texts = [str(value) for value in values or ()]
    if not texts:
        return "none"
    if len(texts) <= most:
        return " and ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)
    return f"{', '.join(texts[:most])} and {len(texts) - most} more"


def count(number: int | None, one: str, many: str = "") -> str:
    """Return ``1 session`` or ``3 sessions``."""
    return (
        f"an unknown number of {many or one + 's'}" if number is None else plural(number, one, many)
    )


def host(address: str | None) -> str:
    """Return an address as it stands before a port: IPv6 in brackets."""
    text = address or "unknown"
    return f"[{text}]" if ":" in text else text


FILTERS = {"seconds": seconds, "names": names, "count": count, "host": host, "length": len}


def load() -> None:
    """Load what templates need."""
    import_module("jinja2.sandbox")


@lru_cache(maxsize=1)
def environment() -> "Environment":
    """Return the environment that all templates share; it holds no state of an analysis."""
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Texts(ImmutableSandboxedEnvironment):
        """Looks facts up in mappings and nothing else."""

        def getattr(self, obj: Any, attribute: str) -> Any:
            if isinstance(obj, Mapping) and attribute in obj:
                return obj[attribute]
            return self.undefined(obj=obj, name=attribute)

        def getitem(self, obj: Any, argument: Any) -> Any:
            return self.undefined(obj=obj, name=str(argument))

    made = Texts(
        undefined=StrictUndefined, finalize=lambda value: "unknown" if value is None else value
    )
    made.globals.clear()
    made.filters = dict(FILTERS)
    made.tests = {name: made.tests[name] for name in ("none", "defined")}
    return made


def parse(template: str) -> "nodes.Template":
    """Return a template's tree; refuses what a text does not need; raises TextError."""
    from jinja2 import TemplateError, nodes

    allowed = (
        nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.Name, nodes.Getattr, nodes.Filter,
        nodes.Const, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.CondExpr, nodes.Test,
        nodes.Sub, nodes.Add,
    )  # fmt: skip
    try:
        tree = environment().parse(template)
    except TemplateError as error:
        raise TextError(str(error)) from error
    for node in tree.find_all(nodes.Node):
        if not isinstance(node, allowed):
            raise TextError(f"'{type(node).__name__.lower()}' is not allowed in a text")
        if isinstance(node, nodes.Filter) and node.name not in FILTERS:
            raise TextError(f"no filter named '{node.name}'; there are {', '.join(FILTERS)}")
    return tree


def render(template: str, facts: Mapping[str, Any]) -> str:
    """Return the text, whitespace folded and control characters made visible; raises TextError."""
    from jinja2 import TemplateError

    if "{" not in template:
        return _plain(template)
    try:
        text = _compiled(template).render(**facts)
    except (TemplateError, TypeError, ValueError) as error:
        raise TextError(str(error)) from error
    return _plain(text)


@lru_cache(maxsize=512)
def _compiled(template: str) -> "Template":
    """Return a text as code; several findings of one rule share it."""
    made = environment()
    code = made.compile(parse(template))
    return made.template_class.from_code(made, code, made.globals)


def unfilled(template: str) -> str:
    """Return a text for those who read the rule itself: places to fill in as ``«vip.sessions»``.

    Of words that depend on the capture, all are shown, one after the other.
    """
    plain = re.sub(r"\{%-?\s*(?:elif|else)\b.*?%\}", " / ", template, flags=re.DOTALL)
    plain = re.sub(r"\{%.*?%\}", "", plain, flags=re.DOTALL)
    plain = re.sub(r"\{\{\s*(.*?)\s*\}\}", lambda found: f"«{found[1]}»", plain, flags=re.DOTALL)
    return " ".join(plain.split())


def _plain(text: str) -> str:
    folded = " ".join(text.split())
    visible = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in folded)
    return visible if len(visible) <= LONGEST else visible[: LONGEST - 1] + "…"
