"""Flow records as the report shows them: text, plain numbers, None for what was not seen."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcapdiag.flows.community_id import community_id
from pcapdiag.flows.legs import Address, address_of
from pcapdiag.flows.table import CLOSES, HANDSHAKES
from pcapdiag.report.model import Flow

COLUMNS = (
    "file", "ip_version", "address", "port", "first_frame", "last_frame", "packets", "bytes",
    "handshake", "syn_count", "close", "retransmissions", "first_rtt_ns", "mac",
)  # fmt: skip


def flow_lines(
    flows: NDArray[Any], records: Iterable[int], files: Sequence[str]
) -> dict[int, Flow]:
    """Return the named records of the flow table as report lines, by record.

    `files` are the captures' names, by the number in the column `file`.
    """
    chosen = np.unique(np.fromiter(records, np.int64))
    rows = flows[chosen]
    # Whole columns become Python values at once: a scalar at a time is ten times slower.
    columns = {name: rows[name].tolist() for name in COLUMNS if name != "address"}
    words = rows["address"]
    known: dict[bytes, Address] = {}
    lines = {}
    for n, record in enumerate(chosen.tolist()):
        version = columns["ip_version"][n]
        source = _address(known, words[n, 0], version)
        destination = _address(known, words[n, 1], version)
        ports = columns["port"][n]
        mac = columns["mac"][n][0]
        lines[record] = Flow(
            file=files[columns["file"][n]],
            source=str(source),
            source_port=ports[0],
            destination=str(destination),
            destination_port=ports[1],
            first_frame=columns["first_frame"][n],
            last_frame=columns["last_frame"][n],
            packets=_pair(columns["packets"][n]),
            bytes=_pair(columns["bytes"][n]),
            handshake=_word(HANDSHAKES, columns["handshake"][n]),
            syn_count=max(columns["syn_count"][n], 0),
            close=_word(CLOSES, columns["close"][n]),
            community_id=community_id(source, ports[0], destination, ports[1]),
            retransmissions=_pair(columns["retransmissions"][n]),
            rtt_ns=_known(columns["first_rtt_ns"][n]),
            macs=(mac_text(mac[0]), mac_text(mac[1])),
        )
    return lines


def mac_text(mac: int) -> str | None:
    """Return a 48-bit number as ``02:00:5e:10:00:01``; None when it is not known (-1)."""
    return None if mac < 0 else mac.to_bytes(6, "big").hex(":")


def _address(known: dict[bytes, Address], words: NDArray[Any], version: int) -> Address:
    key = words.tobytes() + bytes([version])
    if key not in known:
        known[key] = address_of(words, version)
    return known[key]


def _pair(values: Sequence[int]) -> tuple[int, int]:
    """Return counts of both directions; what was never counted is none."""
    return max(values[0], 0), max(values[1], 0)


def _word(words: Sequence[str], code: int) -> str:
    return words[max(code, 0)]


def _known(value: int) -> int | None:
    return None if value < 0 else value
