"""What must hold of any bytes whatever: the reader and the kernel end, within bounds, without an error."""

from pathlib import Path

from pcapdiag.flows.build import read_traffic
from pcapdiag.read import Unreadable, open_capture

MOST_BATCHES_A_BYTE = 1
"""A batch begins after a frame at least, and a frame takes more than a byte."""


def check(path: Path, growth: int, compiled: bool = False) -> int:
    """Read a file in both ways the program does; returns its packets.

    `growth`: how many times its size it may be when unpacked.  Raises AssertionError, or whatever
    else should never be raised.
    """
    try:
        capture = open_capture(str(path), compiled=compiled, block=4096)
    except Unreadable:
        return -1
    last = end = 0
    for batches, batch in enumerate(capture, 1):
        assert batch.first_number > last
        last = batch.first_number + len(batch.records) - 1
        assert batches <= 64 + MOST_BATCHES_A_BYTE * growth * capture.size
        for record in batch.records:
            at, captured = int(record["at"]), int(record["captured"])
            assert 0 <= captured <= int(record["wire"])
            assert 0 <= at <= at + captured <= len(batch.data)
            assert batch.base + at + captured >= end
            end = batch.base + at + captured
            assert int(record["time_ns"]) >= -1
            assert 0 <= int(record["interface"]) < len(capture.interfaces)
    account = capture.account
    assert account.packets <= last
    assert len(account.problems) <= 3
    assert capture.done == capture.size or account.problems
    traffic = read_traffic([open_capture(str(path))], compiled)
    assert traffic.captures[0].account == account
    return account.packets
