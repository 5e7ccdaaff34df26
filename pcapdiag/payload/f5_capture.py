"""What an F5 BIG-IP tells of itself in the first frame of its captures.

Source: F5 K13637; the layout as Wireshark 4.0 reads it (f5fileinfo): the frame has no addresses, ether
type 0x05ff, a mark, then texts that each end in a zero octet: ``CMD: tcpdump -i 0.0:nnnp ...``.
"""

from dataclasses import dataclass
from typing import Final

from pcapdiag.read import Unreadable, open_capture

MARK: Final = bytes(12) + b"\x05\xffF5-Pseudo-pkt\x00"
MOST: Final = 4096
"""Octets of one text that are kept."""
BLOCK: Final = 1 << 16
"""Bytes of a file that hold its first frame."""


@dataclass(frozen=True)
class Origin:
    """Where and how a capture was taken; text from the wire, "" where the frame does not say."""

    command: str = ""
    version: str = ""
    host: str = ""
    platform: str = ""
    """F5's number of it: ``Z100`` is the virtual edition (K9476)."""
    product: str = ""


def origin(name: str) -> Origin | None:
    """Return what the first frame of a file tells; None: it is an ordinary one."""
    try:
        capture = open_capture(name, compiled=False, block=BLOCK)
    except Unreadable:  # gone since it was read
        return None
    for batch in capture:
        first = batch.records[0]
        begin = int(first["at"])
        return origin_of(bytes(batch.data[begin : begin + int(first["captured"])]))
    return None


def origin_of(frame: bytes) -> Origin | None:
    """Return what a frame tells; None: it is not of that kind."""
    if not frame.startswith(MARK):
        return None
    # The last text may be cut, and what the frame does not end belongs to it no more.
    texts = frame[len(MARK) :].split(b"\x00")[:-1]
    told = dict(text.split(b": ", 1) for text in texts if b": " in text)

    def word(key: bytes) -> str:
        return told.get(key, b"")[:MOST].decode("utf-8", "replace")

    return Origin(word(b"CMD"), word(b"VER"), word(b"HOST"), word(b"PLAT"), word(b"PROD"))
