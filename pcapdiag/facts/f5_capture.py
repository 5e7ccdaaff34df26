"""The table `f5_capture`: what an F5 BIG-IP told of itself and of the command that captured.

Source: :mod:`pcapdiag.payload.f5_capture`.
"""

from typing import Final

import numpy as np

from pcapdiag.facts.addresses import Columns, as_texts, file_texts
from pcapdiag.facts.columns import text
from pcapdiag.flows.result import Traffic
from pcapdiag.payload.f5_capture import Origin, origin

F5_CAPTURE: Final = (
    text("file", "capture"),
    text("part", "file that tells it, where the capture is in several"),
    text("command", "tcpdump with its options and filter; text from the wire, as are the next"),
    text("version", "software and edition"),
    text("host", "name of the BIG-IP"),
    text("platform", "F5's number of the hardware; `Z100`: virtual edition"),
    text("product", "`BIG-IP`"),
)


def f5_capture_columns(traffic: Traffic) -> Columns:
    """Return the columns of `f5_capture`, one row a file that begins so."""
    rows = list[tuple[int, str, Origin]]()
    for number, capture in enumerate(traffic.captures):
        for part in [each.name for each in capture.account.parts] or [capture.name]:
            found = origin(part)
            if found is not None:
                rows.append((number, part, found))
    told = [found for _, _, found in rows]
    return {
        "file": file_texts(traffic, np.array([file for file, _, _ in rows], np.int64)),
        "part": as_texts([part for _, part, _ in rows]),
        "command": as_texts([each.command for each in told]),
        "version": as_texts([each.version for each in told]),
        "host": as_texts([each.host for each in told]),
        "platform": as_texts([each.platform for each in told]),
        "product": as_texts([each.product for each in told]),
    }
