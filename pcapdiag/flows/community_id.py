"""The community id of a flow: the same short text in every tool that sees the flow.

Source: Community ID Flow Hashing 1.0 (Corelight), https://github.com/corelight/community-id-spec.
"""

from base64 import b64encode
from hashlib import sha1
from struct import pack

from pcapdiag.flows.legs import Address

TCP = 6
SEED = 0
"""The specification's default."""


def community_id(source: Address, source_port: int, destination: Address, port: int) -> str:
    """Return version 1 of the id for a TCP flow; both directions have the same one."""
    ends = sorted([(source.packed, source_port), (destination.packed, port)])
    (low, low_port), (high, high_port) = ends
    text = b"".join(
        [pack("!H", SEED), low, high, pack("!BBHH", TCP, 0, low_port, high_port)],
    )
    # The hash names a flow, it protects nothing.
    digest = sha1(text, usedforsecurity=False).digest()
    return "1:" + b64encode(digest).decode("ascii")
