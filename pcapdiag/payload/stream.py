"""Payload of single packets, read again from the capture by position.

The pass over the packets keeps no payload; what a parser needs later is fetched here, packet by packet.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcapdiag.flows.legs import Ints
from pcapdiag.flows.result import Traffic

LONGEST = 16_384
"""Bytes of one packet that are looked at; offloaded frames reach 64 KiB, beginnings do not."""


def read(traffic: Traffic, file: int, events: NDArray[Any]) -> list[bytes]:
    """Return the TCP payload of the packets behind the events, in their order; b"" where none is left.

    `events` is a 1-d array of dtype EVENT, all of one file.
    """
    return _payloads(
        traffic,
        file,
        events["position"].astype(np.int64),
        traffic.flows["interface"][events["record"]],
    )


def first_data(traffic: Traffic, file: int, records: Ints, direction: int) -> list[bytes]:
    """Return the first payload of the given records in one direction; b"" where none was seen."""
    rows = traffic.flows[records]
    return _payloads(
        traffic,
        file,
        rows["first_data_position"][:, direction].astype(np.int64),
        rows["interface"],
    )


def _payloads(
    traffic: Traffic, file: int, positions: Ints, interfaces: Sequence[int] | NDArray[Any]
) -> list[bytes]:
    raise NotImplementedError
