"""What an F5 BIG-IP writes behind each captured frame: flow, peer flow, virtual server, reset cause.

Source: F5 K13637 (``tcpdump -i 0.0:nnnp``); both layouts as Wireshark 4.0 reads them (f5ethtrailer).

    old  blocks: 0 type (1 low, 2 medium, 3 high), 1 length of the rest, 2 version, 3 content
    new  0 magic 0xf5deb0f5, 4 length, 6 version; blocks: 0 provider (1), 2 type, 4 length of the
         block, 6 version, 8 content
    low     0 ingress (1 bit), 1 slot, 2 TMM, 3 length of the name, virtual server's name; from version
            4 on the length is that of all names, each: 0 type (0 virtual server), 1 length, name
    medium  0 flow, 8 peer flow, 8 octets each; where the fixed part ends: length of the reset cause,
            its version (1), value (6), line (2), text
    high    0 IP protocol, 1 VLAN, 3 remote and 19 local address of the peer flow, 16 octets each,
            35 remote and 37 local port

Blocks of other providers hold TLS secrets among others: they are skipped and never kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from ipaddress import IPv6Address
from typing import Any, Final

from numpy.typing import NDArray

from pcapdiag.flows.legs import Address
from pcapdiag.flows.result import CaptureFacts
from pcapdiag.layers import packet as layer
from pcapdiag.layers.dispatch import decode
from pcapdiag.read import packets_at

MAGIC: Final = b"\xf5\xde\xb0\xf5"
NOISE: Final = 1
LOW, MEDIUM, HIGH = 1, 2, 3
OLD_HEADER, NEW_HEADER = 3, 8
SHORTEST, LONGEST = 7, 142
"""Of a block of the old layout."""
MOST_BLOCKS: Final = 16
CAUSE_AT: Final = {1: 26, 2: 27, 3: 31, 4: 31}
"""Offset of the reset cause's length in the content of medium blocks, by their version."""
CAUSE_HEADER: Final = 9
PEER: Final = 39
TYPED_NAMES: Final = 4
"""The first version of low blocks with several names."""
VIRTUAL_SERVER: Final = 0
MOST_PADDING: Final = 8
"""Zeros before the trailer of a frame shorter than 60 octets."""


@dataclass(frozen=True)
class Peer:
    """The other leg of a connection, as the balancer knows it."""

    protocol: int
    vlan: int
    remote: Address
    remote_port: int
    local: Address
    """Of the balancer's side."""
    local_port: int


@dataclass(frozen=True)
class Trailer:
    """One frame's trailer; what a lower level of detail leaves out is None or empty."""

    ingress: bool | None = None
    slot: int = -1
    """As in the frame, from 0; Wireshark shows it from 1."""
    tmm: int = -1
    virtual_server: str = ""
    """Its full path; text from the wire."""
    flow: int = 0
    """0: the frame belongs to none yet."""
    peer_flow: int = 0
    reset_cause: str = ""
    """Why the balancer sent this RST; text from the wire."""
    peer: Peer | None = None


def trailers(
    capture: CaptureFacts, positions: NDArray[Any], interfaces: NDArray[Any]
) -> list[Trailer | None]:
    """Return the trailers of TCP packets by position; None for -1 and for frames without one.

    A connection knows its peer from the moment when the balancer opened the other leg: on a back that
    is its first packet, on a front the first payload of the answer.
    """
    known = [at for at in positions.tolist() if at >= 0]
    if not known:
        return [None] * len(positions)
    found = packets_at(capture.name, known, account=capture.account)
    return [
        _in_frame(found.get(at, b""), capture.interfaces[number].link_type)
        for at, number in zip(positions.tolist(), interfaces.tolist(), strict=True)
    ]


def _in_frame(data: bytes, link_type: int) -> Trailer | None:
    packet = layer.plain_packet()
    layer.start(packet)
    packet["at"], packet["end"], packet["wire_end"] = 0, len(data), len(data)
    if decode(link_type, memoryview(data), packet) != layer.DONE_TCP:
        return None
    return trailer_of(data[packet["payload_at"] + packet["payload"] :])


def trailer_of(data: bytes) -> Trailer | None:
    """Read what follows the IP packet in a frame; None: it is no trailer.

    A trailer that was cut gives what came before the cut.
    """
    begin = 0
    while begin < min(MOST_PADDING, len(data)) and data[begin] == 0:
        begin += 1
    if data[begin : begin + len(MAGIC)] == MAGIC:
        blocks = list(_new_blocks(data[begin:]))
    else:
        blocks = list(_old_blocks(data[begin:]))
    if not blocks:
        return None
    found = Trailer()
    for kind, version, content in blocks:
        if kind == LOW and version > 0:
            found = _low(found, version, content)
        elif kind == MEDIUM:
            found = _medium(found, version, content)
        elif kind == HIGH:
            found = _high(found, content)
    return found


def _old_blocks(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield type, version and content of each block."""
    at = 0
    for _ in range(MOST_BLOCKS):
        if at + OLD_HEADER > len(data):
            return
        kind, size, version = data[at], data[at + 1] + 2, data[at + 2]
        sane = kind in (LOW, MEDIUM, HIGH) and SHORTEST <= size <= LONGEST and version <= 3
        if not sane or at + size > len(data):
            return
        yield kind, version, data[at + OLD_HEADER : at + size]
        at += size


def _new_blocks(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield type, version and content of the blocks that hold no secrets."""
    end = min(len(data), int.from_bytes(data[4:6], "big"))
    at = NEW_HEADER
    for _ in range(MOST_BLOCKS):
        if at + NEW_HEADER > end:
            return
        words = [int.from_bytes(data[at + n : at + n + 2], "big") for n in (0, 2, 4, 6)]
        provider, kind, size, version = words
        if size < NEW_HEADER or at + size > end:
            return
        if provider == NOISE:
            yield kind, version, data[at + NEW_HEADER : at + size]
        at += size


def _low(found: Trailer, version: int, content: bytes) -> Trailer:
    if len(content) < 3:
        return found
    names = content[4 : 4 + content[3]] if len(content) > 3 else b""
    return replace(
        found,
        ingress=bool(content[0] & 1),
        slot=content[1],
        tmm=content[2],
        virtual_server=_text(names if version < TYPED_NAMES else _named(names)),
    )


def _named(names: bytes) -> bytes:
    """Return the virtual server's name among those of ports and trunks."""
    at = 0
    while at + 2 <= len(names):
        size = names[at + 1]
        if names[at] == VIRTUAL_SERVER:
            return names[at + 2 : at + 2 + size]
        at += 2 + size
    return b""


def _medium(found: Trailer, version: int, content: bytes) -> Trailer:
    if len(content) < 16:
        return found
    at = CAUSE_AT.get(version, len(content))
    cause = content[at + 1 : at + 1 + content[at]] if at < len(content) else b""
    return replace(
        found,
        flow=int.from_bytes(content[:8], "big"),
        peer_flow=int.from_bytes(content[8:16], "big"),
        reset_cause=_text(cause[CAUSE_HEADER:]),
    )


def _high(found: Trailer, content: bytes) -> Trailer:
    if len(content) < PEER or not content[0]:
        return found
    peer = Peer(
        protocol=content[0],
        vlan=int.from_bytes(content[1:3], "big"),
        remote=_address(content[3:19]),
        local=_address(content[19:35]),
        remote_port=int.from_bytes(content[35:37], "big"),
        local_port=int.from_bytes(content[37:39], "big"),
    )
    return replace(found, peer=peer)


def _address(octets: bytes) -> Address:
    address = IPv6Address(octets)
    return address.ipv4_mapped or address


def _text(octets: bytes) -> str:
    return octets.split(b"\0")[0].decode("utf-8", "replace")
