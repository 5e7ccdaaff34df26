"""What a rule is: one YAML file, read and checked, nothing computed yet."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SCOPES: Final = ("session", "vip", "server", "host", "capture")
"""What a finding of the rule is about: one finding for each."""

PRODUCTS: Final = ("any", "kemp", "f5", "haproxy", "netscaler", "nginx", "ipvs", "cloud")
"""Keys of `fix`; ``any`` is neutral and comes first."""

ALIASES: Final[Mapping[str, str]] = {
    "session": "session",
    "front": "hop",
    "back": "back",
    "vip": "vip",
    "server": "server",
    "host": "host",
    "capture": "capture",
}
"""Name in conditions and texts -> table of the vocabulary."""

SESSION_ALIASES: Final = ("session", "front", "back", "vip", "server", "capture")
"""Names that stand for one row each in rules about sessions, vips and servers."""

ACTORS: Final = ("client", "balancer", "server", "gateway")
"""Whom pictures show: the stations of an `answer_path`."""

DIRECTIONS: Final = ("to-responder", "to-initiator")
"""Words for the events of one direction, as in the vocabulary's `event`."""

NAMES: Final = ("affected", "of", "subject", "certainty", "clients", "servers", "vips", "frames")
"""What texts may use besides facts."""


def line_of(lines: Mapping[str, int], key: str) -> int:
    """Return the line of a dotted key, or of the nearest one around it."""
    while key and key not in lines:
        key = key.rpartition(".")[0]
    return lines.get(key, 1)


@dataclass(frozen=True)
class Requirement:
    """What a capture must show before the rule can judge it."""

    that: str
    """Condition over `capture`."""
    otherwise: str
    """Words for the list of rules not judged."""


@dataclass(frozen=True)
class FrameSource:
    """Where to take a cited frame from: a column with a frame number, or events of a leg."""

    note: str
    frame: str = ""
    """``alias.column``."""
    file: str = ""
    """``alias.column`` with its capture; empty: the alias's own `file`."""
    events: str = ""
    """``front`` or ``back``: cite events of that leg instead."""
    kind: str = ""
    """One of EVENT_KINDS."""
    direction: str = ""
    """``to-responder`` or ``to-initiator``; empty: both."""
    limit: int = 1
    when: str = ""
    """Condition on the row that stands for the finding; empty: always."""


@dataclass(frozen=True)
class Evidence:
    """Which frames to cite."""

    prefer: str
    """Condition: the first affected row for which it is true stands for all."""
    frames: tuple[FrameSource, ...]
    contrast_when: str
    """Condition for a session that shows the opposite; empty: none."""
    contrast: tuple[FrameSource, ...]


@dataclass(frozen=True)
class Exclusion:
    """An alternative, and the condition on every affected row that rules it out."""

    hypothesis: str
    when: str
    why: str


@dataclass(frozen=True)
class CaptureWish:
    """A capture to take next."""

    when: str
    """Condition; empty: always."""
    until: str
    """Certainty that makes it needless; empty: none does."""
    where: str
    command: str
    why: str


@dataclass(frozen=True)
class Rule:
    """One rule; texts are templates, conditions SQL."""

    id: str
    path: Path
    lines: Mapping[str, int]
    """Line of each key, dotted (``certainty.likely``, ``evidence.frames.0.note``)."""
    title: str
    severity: str
    severity_when: tuple[tuple[str, str], ...]
    """(Severity that the finding has instead, condition that all affected rows must meet)."""
    scope: str
    when: str
    unless: str
    affects: str
    supersedes: tuple[str, ...]
    yields: bool
    """It says what users meet, not why: sessions that another error explains are taken from it."""
    likely: str
    proved: str
    requires: tuple[Requirement, ...]
    summary: str
    means: str
    evidence: Evidence
    excludes: tuple[Exclusion, ...]
    fix: tuple[tuple[str, str], ...]
    next_capture: tuple[CaptureWish, ...]
    references: tuple[str, ...]
    is_limit: bool
    """It is about what the capture cannot show, and goes to the report's limits."""
    blinds: bool
    """A limit that hides so much that "healthy" would be a guess."""
    answer_path: tuple[str, ...]
    """Actors that a server's unseen answer passes, as this rule says; empty: it does not know."""
    fires: tuple[str, ...]
    silent: tuple[str, ...]

    def line(self, key: str) -> int:
        """Return the line of a key in its file, or of the nearest one around it; 1: of neither."""
        return line_of(self.lines, key)

    def frame_sources(self) -> dict[str, FrameSource]:
        """Return where all its frames come from, by dotted key."""
        found = {f"evidence.frames.{n}": f for n, f in enumerate(self.evidence.frames)}
        contrast = enumerate(self.evidence.contrast)
        return found | {f"evidence.contrast.frames.{n}": f for n, f in contrast}

    def conditions(self) -> dict[str, str]:
        """Return all its SQL conditions by dotted key, empty ones left out."""
        found = {
            "when": self.when,
            "unless": self.unless,
            "affects": self.affects,
            "certainty.likely": self.likely,
            "certainty.proved": self.proved,
            "evidence.prefer": self.evidence.prefer,
            "evidence.contrast.when": self.evidence.contrast_when,
        }
        found |= {f"requires.{n}.that": r.that for n, r in enumerate(self.requires)}
        found |= {f"excludes.{n}.when": e.when for n, e in enumerate(self.excludes)}
        found |= {f"severity_when.{severity}": text for severity, text in self.severity_when}
        found |= {f"next_capture.{n}.when": c.when for n, c in enumerate(self.next_capture)}
        found |= {f"{key}.when": source.when for key, source in self.frame_sources().items()}
        return {key: text for key, text in found.items() if text}

    def texts(self) -> dict[str, str]:
        """Return all its templates by dotted key."""
        found = {"summary": self.summary, "means": self.means}
        found |= {f"fix.{product}": text for product, text in self.fix}
        for n, exclusion in enumerate(self.excludes):
            found |= {
                f"excludes.{n}.hypothesis": exclusion.hypothesis,
                f"excludes.{n}.why": exclusion.why,
            }
        for n, capture in enumerate(self.next_capture):
            found |= {
                f"next_capture.{n}.where": capture.where,
                f"next_capture.{n}.command": capture.command,
                f"next_capture.{n}.why": capture.why,
            }
        return found | {f"{key}.note": source.note for key, source in self.frame_sources().items()}


@dataclass(frozen=True)
class RuleSet:
    """All rules of one analysis, by id in order."""

    rules: tuple[Rule, ...]

    def __iter__(self) -> Iterator[Rule]:
        """Iterate over the rules in order of their id."""
        return iter(self.rules)


@dataclass(frozen=True)
class Problem:
    """One mistake in a rule file."""

    path: Path
    line: int
    what: str

    def __str__(self) -> str:
        """Return ``file:line: what``."""
        return f"{self.path}:{self.line}: {self.what}"


class RuleError(Exception):
    """A rule folder with mistakes; the message has one line for each."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(map(str, problems)))
