"""The scenarios: one module each, found by name.

A module has `SCENARIOS`, each saying what is expected and how to play it: `play` builds the stage,
lets clients visit, and hands over the recordings with the truth.
"""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.lab.stage import Stage


@dataclass(frozen=True)
class Played:
    """What a scenario leaves behind; valid while its stage stands."""

    stage: Stage
    connections: list[dict[str, Any]]


@dataclass(frozen=True)
class Scenario:
    """One story, what a report must say about it, and how to play it."""

    id: str
    description: str
    """Two sentences: what is set up, what users notice."""
    verdict: str
    """Rule id, ``healthy`` or ``inconclusive``, of the captures on the balancer."""
    play: Callable[[Callable[[Played], None]], None]
    """Builds the stage and hands what was played to a function before the stage goes."""
    must_not: tuple[str, ...] = ()
    must: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    other_verdicts: tuple[tuple[str, str | None], ...] = ()
    """(capture, verdict) where it differs from `verdict`; None: not judged."""


def all_scenarios() -> dict[str, Scenario]:
    """Every scenario by id."""
    found: dict[str, Scenario] = {}
    for module in pkgutil.iter_modules(__path__):
        loaded = importlib.import_module(f"{__name__}.{module.name}")
        found |= {scenario.id: scenario for scenario in loaded.SCENARIOS}
    return dict(sorted(found.items()))
