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
        at, captured = batch.records["at"], batch.records["captured"]
        assert (captured >= 0).all()
        assert (captured <= batch.records["wire"]).all()
        assert at[0] >= 0
        assert (at[1:] >= (at + captured)[:-1]).all()
        assert at[-1] + captured[-1] <= len(batch.data)
        assert batch.base + at[0] >= end
        end = int(batch.base + at[-1] + captured[-1])
        assert (batch.records["time_ns"] >= -1).all()
        assert (batch.records["interface"] >= 0).all()
        assert (batch.records["interface"] < len(capture.interfaces)).all()
    account = capture.account
    assert account.packets <= last
    assert len(account.problems) <= 3
    assert capture.done == capture.size or account.problems
    traffic = read_traffic([open_capture(str(path))], compiled)
    assert traffic.captures[0].account == account
    return account.packets
