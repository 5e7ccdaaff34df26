"""Single packets once more, by their position: what payload parsers and evidence need."""

from collections.abc import Sequence
from typing import Final

from pcapdiag.read.compressed import Cut, unpack
from pcapdiag.read.source import open_source

LONGEST: Final = 1 << 18
SKIP: Final = 1 << 20


def packets_at(name: str, wanted: Sequence[tuple[int, int]]) -> list[bytes]:
    """Return the bytes of packets, each wanted as (position, captured bytes), in the given order.

    A position is the offset of a packet's first byte in the uncompressed stream (Batch.base + at);
    at most LONGEST bytes a packet.  b"" for what is no longer there.  Raises Unreadable.
    """
    stream = open_source(name)
    try:
        start = stream.read(64)
        stream.seek(0)
        packing, read = unpack(start, stream)
        order = sorted(range(len(wanted)), key=lambda number: wanted[number])
        found = [b""] * len(wanted)
        if not packing:
            for number in order:
                position, length = wanted[number]
                if position >= 0 and length > 0:
                    stream.seek(position)
                    found[number] = stream.read(min(length, LONGEST)) or b""
            return found
        at = 0
        kept = b""  # bytes before `at` that the next, overlapping wish may need
        for number in order:
            position, length = wanted[number]
            if position < 0 or length <= 0:
                continue
            end = position + min(length, LONGEST)
            try:
                while at < end and (data := read(SKIP)):
                    kept = (kept + data) if at - len(kept) + len(kept) > position else data
                    at += len(data)
            except Cut:
                pass  # what came before the damage can still be wanted
            begin = position - (at - len(kept))
            found[number] = kept[begin : begin + min(length, LONGEST)] if begin >= 0 else b""
        return found
    finally:
        stream.close()
