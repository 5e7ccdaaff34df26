"""TCP options: MSS, window scale, SACK permitted, timestamps.

Source: RFC 9293 3.2; RFC 7323 2.2 and 3.2; RFC 2018 2 and 3; RFC 8684 3.

    0  kind: 0 end, 1 no operation (both one octet), 2 MSS, 3 window scale, 4 SACK permitted, 5 SACK,
       8 times, 30 MPTCP
    1  length, octets, kind and length included
    2  value
"""

from typing import Final

from pcapdiag.compiled import kernel
from pcapdiag.layers.octets import Octets, u8, u16, u32
from pcapdiag.layers.packet import Packet

END, NOTHING, MSS, WINDOW_SCALE, SACK_PERMITTED, TIMESTAMPS = 0, 1, 2, 3, 4, 8
SACK, MULTIPATH = 5, 30
MASK: Final = 0x7FFFFFFF

LAST_ASSIGNED: Final = 248
"""Greater kinds are experiments (RFC 3692: 253 and 254), or taken without asking."""
TAKEN: Final = (28, 77, 200)
"""Kinds beside those that balancers are known to name the client in."""
USER_TIMEOUT: Final = 4
"""Length of what kind 28 is assigned to (RFC 5482)."""


@kernel
def may_name_client(kind: int, length: int) -> bool:
    """Tell whether an option is of a kind that balancers name the client in (TOA)."""
    return bool(kind > LAST_ASSIGNED or (kind in TAKEN and length != USER_TIMEOUT))


@kernel
def tcp_options(data: Octets, at: int, end: int, packet: Packet) -> None:
    """Read the options between two offsets; a malformed one ends the reading.

    Wireshark shows no findings (`shown`) behind blocks of which one is not whole.
    """
    packet["mss"] = -1
    packet["window_scale"] = -1
    packet["sack_permitted"] = -1
    packet["timestamp"] = -1
    packet["multipath"] = 0
    digest = 0
    # Nearly every data packet has exactly this list; it needs no walk.
    if at + 12 <= end and u32(data, at) == 0x0101080A:
        packet["timestamp"] = u32(data, at + 4)
        digest = u32(data, at + 4) ^ u32(data, at + 8) << 1
        at += 12
    while at < end:
        kind = u8(data, at)
        if kind == END:
            break
        if kind == NOTHING:
            at += 1
            continue
        if at + 2 > end:
            break
        length = u8(data, at + 1)
        if length < 2 or at + length > end:
            break
        if kind == MSS and length == 4:
            packet["mss"] = u16(data, at + 2)
        elif kind == WINDOW_SCALE and length == 3:
            packet["window_scale"] = u8(data, at + 2)
        elif kind == SACK_PERMITTED and length == 2:
            packet["sack_permitted"] = 1
        elif kind == TIMESTAMPS and length == 10:
            packet["timestamp"] = u32(data, at + 2)
        elif kind == SACK and length < 10:
            packet["shown"] = 0
        elif kind == MULTIPATH:
            if length >= 3:
                packet["multipath"] |= 1 << (u8(data, at + 2) >> 4)
            if length < 4:
                packet["shown"] = 0
        elif may_name_client(kind, length) and packet["claim_at"] < 0:
            packet["claim_at"] = at
        if kind != MSS:
            for place in range(at, at + length):
                digest = (digest * 31 + u8(data, place)) & MASK
        at += length
    packet["options_digest"] = digest & MASK
