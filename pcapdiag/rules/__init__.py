"""Load, check and evaluate the rules; the rules themselves are YAML files.

The room's contract: :func:`load` reads rules, :func:`check` finds what is wrong in their SQL and texts,
:func:`evaluate` asks them about the tables of an analysis.
"""

from pcapdiag.rules.check import check
from pcapdiag.rules.evaluate import Judgement, evaluate
from pcapdiag.rules.load import load, shipped_rules
from pcapdiag.rules.model import Problem, Rule, RuleError, RuleSet

__all__ = [
    "Judgement",
    "Problem",
    "Rule",
    "RuleError",
    "RuleSet",
    "check",
    "evaluate",
    "load",
    "shipped_rules",
]
