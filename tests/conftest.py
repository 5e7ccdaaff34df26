"""Tests that need a tool say so and are skipped where it is not installed."""

import shutil
from typing import Final

import pytest

TOOLS: Final = {"tshark": "tshark is not installed"}
"""Marker -> why its tests are skipped; each marker is the name of a program."""


def pytest_runtest_setup(item: pytest.Item) -> None:
    for tool, reason in TOOLS.items():
        if item.get_closest_marker(tool) and shutil.which(tool) is None:
            pytest.skip(reason)
