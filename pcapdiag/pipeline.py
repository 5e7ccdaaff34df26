"""The whole program: from capture files to one Report."""

from collections.abc import Sequence
from contextlib import suppress
from os import PathLike, fspath
from typing import TYPE_CHECKING

from pcapdiag.flows.build import Progress, read_traffic
from pcapdiag.flows.result import Traffic
from pcapdiag.read import Capture, Unreadable, open_captures
from pcapdiag.sessions import joined, joins, pair
from pcapdiag.settings import Settings

if TYPE_CHECKING:
    from pcapdiag.facts import Tables
    from pcapdiag.report.model import Limit, Report
    from pcapdiag.rules import RuleSet
    from pcapdiag.sessions.model import Sessions
    from pcapdiag.topology.model import Topology

FileName = str | PathLike[str]


class NothingReadable(Exception):  # noqa: N818 - as Unreadable
    """None of the inputs could be read; the message names each with its reason and what to do."""

    def __init__(self, failed: Sequence[tuple[str, str]]) -> None:
        self.reason = failed[0][1]
        """Why the first one could not be read."""
        super().__init__("\n".join(f"{name}: {reason}" for name, reason in failed))


def analyze(
    paths: Sequence[FileName], settings: Settings | None = None, progress: Progress | None = None
) -> "Report":
    """Return the report of one analysis over all the captures together.

    A capture that cannot be read becomes a limit of the report; raises NothingReadable when none can.
    Raises :class:`pcapdiag.rules.RuleError` when a folder of the settings holds rules with mistakes.
    """
    settings = settings or Settings()
    # All that is loaded comes before the first packet: later it would take turns with the threads that read
    # and hash, which need the interpreter as well.
    from pcapdiag import facts, rules
    from pcapdiag.report.assemble import assemble

    opened = facts.opening()
    known_rules = rules.load(settings.rules)
    traffic, topology, sessions, limits = sessions_of(paths, settings, progress)
    tables = facts.build(traffic, topology, sessions, settings, opened)
    judgement = rules.evaluate(known_rules, tables)
    return assemble(traffic, topology, sessions, judgement, settings, limits)


def tables_of(
    paths: Sequence[FileName], settings: Settings | None = None, progress: Progress | None = None
) -> tuple["Tables", "tuple[Limit, ...]"]:
    """Return the tables that rules and queries read, and limits for captures that gave nothing."""
    from pcapdiag import facts

    settings = settings or Settings()
    traffic, topology, sessions, limits = sessions_of(paths, settings, progress)
    return facts.build(traffic, topology, sessions, settings), limits


def sessions_of(
    paths: Sequence[FileName], settings: Settings, progress: Progress | None = None
) -> "tuple[Traffic, Topology, Sessions, tuple[Limit, ...]]":
    """Return what the passes over the captures find, before any rule is asked."""
    captures, failed = _opened(paths)
    traffic = read_traffic(captures, settings.compiled, progress)
    # A file may be gone by now: then it is judged as it was read.
    with suppress(Unreadable):
        while found := joins(traffic, settings):
            captures = joined(captures, found)
            traffic = read_traffic(captures, settings.compiled, progress)
    topology, sessions = pair(traffic, settings)
    return traffic, topology, sessions, _limits(failed)


def try_rules(known_rules: "RuleSet") -> None:
    """Try rules on no traffic at all: raises RuleError for conditions and texts that cannot work."""
    from pcapdiag import facts, rules

    settings = Settings(compiled=False)
    traffic = read_traffic([], settings.compiled)
    topology, sessions = pair(traffic, settings)
    problems = rules.check(known_rules, facts.build(traffic, topology, sessions, settings))
    if problems:
        raise rules.RuleError(problems)


def _opened(paths: Sequence[FileName]) -> tuple[list[Capture], list[tuple[str, str]]]:
    """Return the captures that could be opened, and (name, reason) of the others."""
    captures, failed = open_captures([fspath(path) for path in paths])
    if not captures:
        raise NothingReadable(failed)
    return captures, failed


def _limits(failed: Sequence[tuple[str, str]]) -> "tuple[Limit, ...]":
    if not failed:
        return ()
    from pcapdiag.report.assemble import shown_names
    from pcapdiag.report.model import UNREADABLE, Limit

    shown = shown_names([name for name, _ in failed])
    return tuple(
        Limit(UNREADABLE, f"{name} was left out: {reason}", blinds=True)
        for name, (_, reason) in zip(shown, failed, strict=True)
    )
