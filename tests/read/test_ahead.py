"""Reading ahead: the same batches, and the same end."""

import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from pcapdiag.read import RECORD, Batch, ahead, open_capture
from pcapdiag.read import capture as module

STORY: Final = Path(__file__).resolve().parents[2] / "samples" / "story.pcap"


def packets(batches: Iterable[Batch], pause_s: float) -> list[tuple[int, bytes]]:
    """Return time and octets of all packets, each batch looked at after a pause."""
    found = []
    for batch in batches:
        time.sleep(pause_s)
        for row in batch.records:
            at = int(row["at"])
            octets = batch.data[at : at + int(row["captured"])].tobytes()
            found.append((int(row["time_ns"]), octets))
    return found


@pytest.mark.parametrize("block", [64, 1000, 4096])
@pytest.mark.parametrize("most", [1, 3, 1 << 14])
def test_a_batch_stays_as_it_is_while_the_next_is_made(
    block: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_RECORDS", most)
    plain = packets(open_capture(str(STORY), block=block), 0)
    assert len(plain) > 100
    assert packets(ahead(open_capture(str(STORY), block=block)), 0.0002) == plain


def numbered(count: int, trouble: Exception | None = None) -> Iterator[Batch]:
    for number in range(count):
        yield Batch(np.zeros(0, np.uint8), np.zeros(1, RECORD), number, number)
    if trouble is not None:
        raise trouble


def readers() -> int:
    return sum(each.name.startswith("read_") for each in threading.enumerate())


@pytest.mark.parametrize("count", [0, 1, 2, 50])
def test_batches_come_in_order(count: int) -> None:
    assert [batch.base for batch in ahead(numbered(count))] == list(range(count))
    assert readers() == 0


def test_what_making_a_batch_raises_comes_after_those_before() -> None:
    seen = []
    with pytest.raises(OSError, match="gone"):
        seen += [batch.base for batch in ahead(numbered(3, OSError("gone")))]
    batches = ahead(numbered(3, OSError("gone")))
    assert [next(batches).base for _ in range(3)] == [0, 1, 2]
    with pytest.raises(OSError, match="gone"):
        next(batches)
    assert readers() == 0


def test_who_stops_early_leaves_no_thread() -> None:
    batches = ahead(numbered(50))
    next(batches)
    batches.close()  # type: ignore[attr-defined]
    assert readers() == 0
