"""The community id of a flow: the same short text in every tool that sees the flow.

Source: Community ID Flow Hashing 1.0 (Corelight), https://github.com/corelight/community-id-spec.
"""

from binascii import b2a_base64
from hashlib import sha1
from struct import Struct

TCP = 6
PORTS = Struct("!BBHH").pack
"""Protocol, padding, the two ports."""
SEED = b"\0\0"
"""The specification's default."""


def community_id(source: bytes, source_port: int, destination: bytes, port: int) -> str:
    """Return version 1 of the id for a TCP flow; both directions have the same one.

    Addresses are in network byte order, 4 bytes or 16.
    """
    low, high = (source, source_port), (destination, port)
    if low > high:
        low, high = high, low
    text = SEED + low[0] + high[0] + PORTS(TCP, 0, low[1], high[1])
    # The hash names a flow, it protects nothing.
    digest = sha1(text, usedforsecurity=False).digest()
    return "1:" + b2a_base64(digest, newline=False).decode("ascii")
