"""Tests that need a tool say so and are skipped where it is not installed."""

import os
import shutil
from typing import Final

import pytest
from hypothesis import settings

# What lands is judged by the same cases as the last time; new cases are sought at home.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")

TOOLS: Final = {"tshark": "tshark is not installed"}
"""Marker -> why its tests are skipped; each marker is the name of a program."""


def pytest_runtest_setup(item: pytest.Item) -> None:
    for tool, reason in TOOLS.items():
        if item.get_closest_marker(tool) and shutil.which(tool) is None:
            pytest.skip(reason)
