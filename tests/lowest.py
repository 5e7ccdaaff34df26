"""Writes what pip is to install where it may take nothing newer than pyproject.toml asks for.

`python tests/lowest.py >constraints.txt`: each dependency of the program at its lower bound; the tools of
the tests stay as they come.
"""

import tomllib
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"


def lowest() -> list[str]:
    """Return the constraints, a line each."""
    dependencies = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["dependencies"]
    return [bound.replace(">=", "==") for bound in dependencies]


if __name__ == "__main__":
    print("\n".join(lowest()))
