"""Tests that need a tool say so and are skipped where it is not installed."""

import os
import shutil
from pathlib import Path
from typing import Final

import pytest
from hypothesis import settings

# What lands is judged by the same cases as the last time; new cases are sought at home.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")

TOOLS: Final = {"tshark": "tshark is not installed"}
"""Marker -> why its tests are skipped; each marker is the name of a program."""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep machine code, and what runs have waited for it, in a folder of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


def pytest_runtest_setup(item: pytest.Item) -> None:
    for tool, reason in TOOLS.items():
        if item.get_closest_marker(tool) and shutil.which(tool) is None:
            pytest.skip(reason)
