"""The scenarios: a few modules by topic, each with its `SCENARIOS`.

Playing one builds its stage, lets clients visit, and leaves the recordings and the truth on the stage.
"""

import importlib
import pkgutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from tests.lab.stage import Stage


@dataclass(frozen=True)
class Scenario:
    """One story, what a report must say about it, and how to play it."""

    id: str
    description: str
    """Two sentences: what is set up, what users notice."""
    verdict: str
    """Rule id, ``healthy`` or ``inconclusive``, of the captures on the balancer."""
    play: Callable[[], AbstractContextManager[Stage]]
    """Builds the stage and plays; the stage stands while the context is open."""
    must_not: tuple[str, ...] = ()
    """Rule ids or ``rule:certainty`` that no report on it may contain."""
    must: tuple[str, ...] = ()
    """Rule ids that must be among the findings besides the verdict."""
    notes: tuple[str, ...] = ()
    sample: bool = True
    """False: too big to keep; played only when asked for by name."""
    other_verdicts: tuple[tuple[str, str | None], ...] = ()
    """(capture, verdict) where it differs from `verdict`; None: not judged."""


def all_scenarios() -> dict[str, Scenario]:
    """Every scenario by id."""
    found: dict[str, Scenario] = {}
    for module in pkgutil.iter_modules(__path__):
        loaded = importlib.import_module(f"{__name__}.{module.name}")
        found |= {scenario.id: scenario for scenario in loaded.SCENARIOS}
    return dict(sorted(found.items()))
