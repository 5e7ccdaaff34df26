"""Which container a file is; and of files that are none we read, what they are and what to do.

Those that Wireshark can convert are in :mod:`pcapdiag.read.foreign`.
"""

from typing import Final

from pcapdiag.read import foreign, nstrace, pcap, pcapng, snoop
from pcapdiag.read.compressed import format_of

Container = pcap.Pcap | pcapng.Pcapng | snoop.Snoop | nstrace.Nstrace

START_LENGTH: Final = 1 << 18
"""Bytes from which a file is recognised; kinds of pcap differ in what comes after a packet only."""

NO_CAPTURES: Final = (
    (0, b"PK\x03\x04", "a ZIP archive", "unpack it first"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive", "unpack it first"),
    (0, b"Rar!", "a RAR archive", "unpack it first"),
    (257, b"ustar", "a tar archive", "unpack it first"),
    (0, b"\x02\x21\x4c\x18", "compressed by lz4 in its legacy format", "unpack it with `lz4 -d`"),
    (0, b"\x1f\x9d", "compressed by compress", "unpack it with `gzip -d`"),
    (0, b"LZIP", "compressed by lzip", "unpack it with `lzip -d`"),
    (0, b"\x89LZO\0", "compressed by lzop", "unpack it with `lzop -d`"),
    (0, b"\x7fELF", "a program", "name a capture"),
    (0, b"MZ", "a Windows program", "name a capture"),
    (0, b"%PDF", "a PDF document", "name a capture"),
)
"""Offset, magic, name and what to do."""

SHOWN: Final = 4


def container_of(start: bytes) -> Container | None:
    """Return the container of a file whose unpacked bytes begin so; None: neither we read."""
    return (
        pcap.begin(start, len(start) < START_LENGTH)
        or pcapng.begin(start)
        or snoop.begin(start)
        or nstrace.begin(start)
    )


def refusal(name: str, start: bytes) -> str:
    """Return why a file that begins so cannot be read, and what to do."""
    if not start:
        return "is empty: the capture kept no packet, or was never written; take it again"
    if _cut(start):
        return "ends inside its header: it holds no packet; take the capture again"
    again = format_of(start)
    shown = start[:SHOWN].hex(" ")
    if again is not None:
        return f"is compressed once more, by {again.name} (starts with {shown}): unpack it once"
    if nstrace.is_unknown(start):
        return (
            f"is a NetScaler trace of a version that is not known here (starts with {shown}): take it "
            "with `start nstrace -traceformat PCAP`"
        )
    kind = foreign.kind_of(start)
    if kind is not None:
        return foreign.refusal(name, start, kind)
    for offset, magic, what, now in NO_CAPTURES:
        if start[offset:].startswith(magic):
            return f"not a capture (starts with {shown}, {what}): {now}"
    if _is_markup(start):
        return f"not a capture (starts with {shown}, a web page or XML): name the capture itself"
    if _is_text(start):
        return (
            f"not a capture (starts with {shown}, text): captures are written by `tcpdump -w FILE`"
        )
    return (
        f"not a capture that is known here (starts with {shown}): if Wireshark opens it, "
        f"`{foreign.editcap(name)}` converts it"
    )


def is_unknown(start: bytes) -> bool:
    """Tell whether nothing in these first bytes shows what a file is."""
    return bool(start) and not (
        is_ours(start)
        or format_of(start)
        or nstrace.is_unknown(start)
        or foreign.kind_of(start)
        or any(start[offset:].startswith(magic) for offset, magic, _, _ in NO_CAPTURES)
        or _is_markup(start)
        or _is_text(start)
    )


def is_ours(start: bytes) -> bool:
    """Tell whether a file that begins so, with 16 bytes or more, needs no converter."""
    padded = start.ljust(pcap.HEADER_LENGTH, b"\0")
    return (
        bool(pcap.begin(padded, False) or pcapng.begin(start))
        or bool(snoop.begin(start) or nstrace.begin(start))
        or _cut(start)
    )


def _cut(start: bytes) -> bool:
    return pcap.cut(start) or pcapng.cut(start) or snoop.cut(start)


def _is_markup(start: bytes) -> bool:
    head = start.lstrip(b"\xef\xbb\xbf \t\r\n")[:2]
    return head[:1] == b"<" and (head[1:].isalpha() or head[1:] in (b"!", b"?"))


def _is_text(start: bytes) -> bool:
    return all(byte in b"\t\r\n\x1b" or 32 <= byte < 127 for byte in start[:512])
