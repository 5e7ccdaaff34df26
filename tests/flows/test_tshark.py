"""Packets, bytes and every finding of each flow are tshark's.

On all lab examples and a fixed sample of public captures; `python -m tests.flows.compare FOLDER`
compares a whole folder.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from pcapdiag.read import Unreadable
from tests.flows.compare import EVERYTHING, compare, explained, files

SHARED: Final = Path(__file__).resolve().parents[3] / "shared"
SAMPLE: Final = 8
"""Every so many-th public capture is compared, and no larger ones than this."""
LARGEST: Final = 200_000
SHARE: Final = 0.999


@pytest.mark.tshark
@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared is not beside the checkout")
def test_lab_examples_are_equal_in_every_finding() -> None:
    for path in files(SHARED / "lab-examples"):
        found = compare(path, EVERYTHING)
        assert found.differing == {}, path.name


@pytest.mark.tshark
@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared is not beside the checkout")
def test_public_captures_are_equal(record_property: Callable[[str, object], None]) -> None:
    root = SHARED / "captures"
    flows = equal = 0
    strange = []
    known = explained()
    chosen = [path for path in files(root) if path.stat().st_size <= LARGEST][::SAMPLE]
    for path in chosen:
        try:
            found = compare(path, EVERYTHING)
        except Unreadable:  # not a pcap or pcapng file
            continue
        name = str(path.relative_to(root))
        flows += found.flows
        equal += found.flows - len(found.differing)
        if name not in known:
            strange += [f"{name}: {text}" for text in found.differing.values()]
    record_property("share of equal flows", equal / flows)
    assert flows > 100
    assert len(strange) <= (1 - SHARE) * flows, strange
