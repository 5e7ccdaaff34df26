"""802.11 data frames that are not encrypted.

Source: IEEE 802.11 9.2 and 9.3.2.

    0  version (2 bits), type (2 bits: 2 data), subtype (4 bits: 0x8 QoS, 0x4 without data)
    1  flags: 0x01 to and 0x02 from the distribution system, 0x40 protected, 0x80 order
    4  addresses 1 to 3, 6 octets each
    24 address 4, where both of the first flags are set; QoS control, 2 octets (0x80: several frames
       are aggregated); HT control, 4 octets, of QoS frames with `order`
    then an LLC header; of aggregated frames each: 6 and 6 addresses, 2 length, LLC header
"""

from typing import Final

from pcapdiag.compiled import kernel
from pcapdiag.layers import packet as layer
from pcapdiag.layers import reasons
from pcapdiag.layers.octets import Octets, u8
from pcapdiag.layers.packet import Packet, stop

HEADER: Final = 24
DATA: Final = 2
TO, FROM, PROTECTED, ORDER = 0x01, 0x02, 0x40, 0x80
QOS, EMPTY = 0x8, 0x4
AGGREGATED: Final = 0x80
SUBFRAME: Final = 14
SWAPPED: Final = 1
"""``packet["announced"]``: the first two octets come in the other order (CAPWAP)."""


@kernel
def wlan(data: Octets, at: int, end: int, packet: Packet) -> int:
    """Skip the header; of aggregated frames the first one counts."""
    if at + HEADER > end:
        return stop(packet, reasons.LINK_TRUNCATED)
    swapped = packet["announced"] == SWAPPED
    control = u8(data, at + 1 if swapped else at)
    flags = u8(data, at if swapped else at + 1)
    subtype = control >> 4
    if control >> 2 & 3 != DATA or subtype & EMPTY:
        return stop(packet, reasons.WLAN_OTHER)
    if flags & PROTECTED:
        return stop(packet, reasons.ENCRYPTED)
    at += HEADER
    if flags & TO and flags & FROM:
        at += 6
    if subtype & QOS:
        if at + 2 > end:
            return stop(packet, reasons.LINK_TRUNCATED)
        aggregated = u8(data, at) & AGGREGATED
        at += 6 if flags & ORDER else 2
        if aggregated:
            at += SUBFRAME
    packet["at"] = at
    return layer.LLC
