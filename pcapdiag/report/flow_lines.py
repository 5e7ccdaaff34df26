"""Flow records as the report shows them: text, plain numbers, None for what was not seen."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcapdiag.facts.addresses import mac_text
from pcapdiag.flows import keys
from pcapdiag.flows.community_id import community_id
from pcapdiag.flows.legs import address_of
from pcapdiag.flows.table import CLOSES, HANDSHAKES, FlowTable
from pcapdiag.report.model import Flow


def flow_lines(flows: FlowTable, records: Iterable[int], files: Sequence[str]) -> dict[int, Flow]:
    """Return the named records of the flow table as report lines, by record.

    `files` are the captures' names, by the number in the column `file`.
    """
    chosen = keys.distinct(np.fromiter(records, np.int64))

    # Whole columns become Python values at once, a scalar at a time is ten times slower; and column
    # by column, because a copy of all the records' columns would be 1 kB a record.
    def one(name: str, least: int = -1) -> list[int]:
        values: list[int] = np.maximum(flows[name][chosen], least).tolist()
        return values

    def both(name: str, least: int = -1) -> Iterable[tuple[int, int]]:
        pair = np.maximum(flows[name][chosen], least)
        return zip(pair[:, 0].tolist(), pair[:, 1].tolist(), strict=True)

    macs = _mac_texts(flows["mac"][:, 0][chosen])
    columns = zip(
        chosen.tolist(),
        one("file"),
        _addresses(flows["address"][:, 0][chosen], flows["ip_version"][chosen]),
        _addresses(flows["address"][:, 1][chosen], flows["ip_version"][chosen]),
        both("port"),
        one("first_frame"),
        one("last_frame"),
        # What was never counted is none.
        both("packets", 0),
        both("bytes", 0),
        one("handshake", 0),
        one("syn_count", 0),
        one("close", 0),
        both("retransmissions", 0),
        one("first_rtt_ns"),
        macs,
        strict=True,
    )
    return {
        record: Flow(
            file=files[file],
            source=source[1],
            source_port=ports[0],
            destination=destination[1],
            destination_port=ports[1],
            first_frame=first_frame,
            last_frame=last_frame,
            packets=packets,
            bytes=payload,
            handshake=HANDSHAKES[handshake],
            syn_count=syn_count,
            close=CLOSES[close],
            community_id=community_id(source[0], ports[0], destination[0], ports[1]),
            retransmissions=retransmissions,
            rtt_ns=None if rtt_ns < 0 else rtt_ns,
            macs=mac,
        )
        for (
            record, file, source, destination, ports, first_frame, last_frame, packets, payload,
            handshake, syn_count, close, retransmissions, rtt_ns, mac,
        ) in columns
    }  # fmt: skip


def _mac_texts(macs: NDArray[Any]) -> list[tuple[str | None, str | None]]:
    """Return the texts of each row's two MACs."""
    unique, number = np.unique(macs, return_inverse=True)
    texts = [mac_text(mac) or None for mac in unique.tolist()]
    pairs = number.reshape(-1, 2)
    return [(texts[a], texts[b]) for a, b in zip(*pairs.T.tolist(), strict=True)]


def _addresses(words: NDArray[Any], versions: NDArray[Any]) -> list[tuple[bytes, str]]:
    """Return each row's address in network byte order and as text."""
    rows = np.column_stack([versions.astype(np.uint32), words])
    data, size = rows.tobytes(), rows.itemsize * 5
    known: dict[bytes, tuple[bytes, str]] = {}
    found = []
    for n, at in enumerate(range(0, len(data), size)):
        key = data[at : at + size]
        if key not in known:
            address = address_of(words[n], int(versions[n]))
            known[key] = address.packed, str(address)
        found.append(known[key])
    return found
