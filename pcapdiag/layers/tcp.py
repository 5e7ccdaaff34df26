"""TCP.

Source: RFC 9293 3.1.

    0  source port
    2  destination port
    4  sequence number
    8  acknowledgement number
    12 data offset in words (4 bits), reserved (4 bits)
    13 flags: CWR ECE URG ACK PSH RST SYN FIN
    14 window
    16 checksum (not checked: often wrong on the capturing host)
    18 urgent pointer
    20 options
"""

from typing import Final

from pcapdiag.compiled import kernel
from pcapdiag.layers import packet as layer
from pcapdiag.layers import reasons
from pcapdiag.layers.octets import Octets, u8, u16, u32
from pcapdiag.layers.packet import Packet, stop
from pcapdiag.layers.tcp_options import tcp_options

HEADER: Final = 20
LEAST: Final = 16
"""Up to the window: what must be captured.  Checksum and urgent pointer are not looked at."""
FIN, SYN, RST, ACK = 1, 2, 4, 16
BEYOND, WHOLE, TOO_SHORT = range(3)
"""The header's length (`whole_header`): more than its packet has, or less than a header takes."""


@kernel
def tcp(data: Octets, at: int, end: int, packet: Packet) -> int:
    """Read the header and its options; the payload's length is what the IP header leaves."""
    if at + LEAST > end:
        return stop(packet, reasons.TCP_TRUNCATED)
    header = (u8(data, at + 12) >> 4) * 4
    packet["source_port"] = u16(data, at)
    packet["destination_port"] = u16(data, at + 2)
    packet["seq"] = u32(data, at + 4)
    packet["ack"] = u32(data, at + 8)
    packet["flags"] = u8(data, at + 13)
    packet["window"] = u16(data, at + 14)
    packet["payload_at"] = at + header
    # Wireshark counts a header's length even where it cannot be true.
    packet["whole_header"] = WHOLE if at + header <= packet["wire_end"] else BEYOND
    if header < HEADER:
        packet["whole_header"] = TOO_SHORT
    is_sane = packet["whole_header"] == WHOLE
    packet["shown"] = 1 if is_sane and at + header <= end else 0
    packet["payload"] = max(0, packet["wire_end"] - at - header)
    packet["payload_captured"] = (
        max(0, min(end, packet["wire_end"]) - at - header) if is_sane else 0
    )
    tcp_options(data, at + HEADER, min(end, at + header), packet)
    return layer.DONE_TCP
