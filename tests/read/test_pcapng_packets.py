"""One enhanced packet block byte by byte, and blocks that cannot be one."""

from typing import Any

import numpy as np
import pytest

from pcapdiag.compiled import compiled
from pcapdiag.read.clock import CLOCK, CLOCK_FIELDS, clock
from pcapdiag.read.model import COMMENTED, DAMAGED, OTHER, RECORD, WAITING
from pcapdiag.read.pcapng_packets import scan

BLOCK = bytes.fromhex(
    "06000000 38000000"  # enhanced packet, 56 bytes
    "00000000"  # interface 0
    "240a0600 0710 5e14"  # ticks, high then low word
    "05000000 3c000000"  # captured 5, on the wire 60
    "6162636465 000000"  # packet, padded
    "01000200 68690000"  # comment: hi
    "02000400 02000000"  # flags: outbound
    "38000000"
)
TICKS = 0x00060A24 << 32 | 0x145E1007


def scanned(data: bytes, comments: bool = True, run: Any = scan, table: bool = False) -> Any:
    clocks: Any = [clock(6, 0, 0)]
    if table:
        clocks = np.array([tuple(clocks[0][name] for name in CLOCK_FIELDS)], CLOCK)
    records = np.zeros(4, RECORD)
    view = np.frombuffer(data, np.uint8) if table else memoryview(data)
    return *run(view, 0, len(data), True, clocks, 7, comments, records), records


@pytest.mark.parametrize("table", [False, True])
def test_one_block(table: bool) -> None:
    run = compiled(scan) if table else scan
    count, at, status, records = scanned(BLOCK, run=run, table=table)
    assert (count, at, status) == (1, 0, COMMENTED)
    assert records[0].tolist() == (28, 5, 60, TICKS * 1000, 7, 2, 0)
    count, at, status, _ = scanned(BLOCK * 2, comments=False, run=run, table=table)
    assert (count, at, status) == (2, 2 * len(BLOCK), WAITING)


@pytest.mark.parametrize("length", range(len(BLOCK)))
def test_a_part_of_a_block_waits_for_more(length: int) -> None:
    assert scanned(BLOCK[:length])[:3] == (0, 0, WAITING)


@pytest.mark.parametrize(
    ("at", "value"),
    [(4, 0), (4, 8), (4, 0x39), (7, 0xFF), (8, 1), (20, 40), (23, 0xFF), (52, 0x34)],
    ids=["no length", "short", "odd", "huge", "interface", "captured", "captured huge", "trailer"],
)
def test_a_block_that_cannot_be_one(at: int, value: int) -> None:
    data = bytearray(BLOCK)
    data[at] = value
    assert scanned(bytes(data))[:3] == (0, 0, DAMAGED)


def test_other_blocks_are_left_to_the_caller() -> None:
    assert scanned(b"\x05" + BLOCK[1:])[:3] == (0, 0, OTHER)
