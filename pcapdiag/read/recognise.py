"""Which container a file is; and of files that are none we read, what they are and what to do.

Magic numbers of other capture formats: Wireshark's wiretap sources, RFC 1761 (snoop).
"""

from shlex import quote
from typing import Final

from pcapdiag.read import pcap, pcapng
from pcapdiag.read.compressed import format_of

Container = pcap.Pcap | pcapng.Pcapng

START_LENGTH: Final = 1 << 18
"""Bytes from which a file is recognised; kinds of pcap differ in what comes after a packet only."""

FOREIGN: Final = (
    (0, b"snoop\0\0\0", "a Solaris snoop capture"),
    (0, b"RTSS", "a Microsoft Network Monitor 1 capture"),
    (0, b"GMBU", "a Microsoft Network Monitor 2 capture"),
    (0, b"TRSNIFF data    \x1a", "a Sniffer capture"),
    (0, b"XCP\0", "a NetXRay or Windows Sniffer capture"),
    (0, b"\x00\x00\x02\x00\x12\x05\x00\x10", "a Tektronix K12 capture"),
    (0, b"+---------+---------------+----------+", "a Tektronix K12 capture, as text"),
    (0, b"btsnoop\0", "a Bluetooth btsnoop capture"),
    (0, b"iptrace 1.0", "an AIX iptrace capture"),
    (0, b"iptrace 2.0", "an AIX iptrace capture"),
    (0, b"\x7fver", "a Savvius OmniPeek capture"),
    (0, b"ObserverPktBuffe", "a Network Instruments Observer capture"),
    (0, b"\x54\x52\x00\x64\x00", "an HP-UX nettl trace"),
    (0, b"\x05VNF", "a Visual Networks capture"),
    (0, b"V0208\0\0", "an Aethra capture"),
    (0, b"\xaa\xaa\xaa\xaa", "an InfoVista 5View capture"),
)
"""Offset, magic and name of captures that Wireshark converts."""

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
    return pcap.begin(start, len(start) < START_LENGTH) or pcapng.begin(start)


def refusal(name: str, start: bytes) -> str:
    """Return why a file that begins so cannot be read, and what to do."""
    if not start:
        return "is empty: the capture kept no packet, or was never written; take it again"
    if pcap.cut(start) or pcapng.cut(start):
        return "ends inside its header: it holds no packet; take the capture again"
    shown = start[:SHOWN].hex(" ")
    again = format_of(start)
    if again is not None:
        return f"is compressed once more, by {again.name} (starts with {shown}): unpack it once"
    for offset, magic, what in FOREIGN:
        if start[offset:].startswith(magic):
            return _convert(name, shown, what)
    if b"NetScaler" in start[:128]:
        return _convert(name, shown, "a NetScaler nstrace")
    for offset, magic, what, now in NO_CAPTURES:
        if start[offset:].startswith(magic):
            return f"not a capture (starts with {shown}, {what}): {now}"
    head = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    if head[:1] == b"<":
        return f"not a capture (starts with {shown}, a web page or XML): name the capture itself"
    if all(byte in b"\t\r\n\x1b" or 32 <= byte < 127 for byte in start[:512]):
        return (
            f"not a capture (starts with {shown}, text): captures are written by `tcpdump -w FILE`"
        )
    return (
        f"not a capture that is known here (starts with {shown}): if Wireshark opens it, "
        f"`{_editcap(name)}` converts it"
    )


def _convert(name: str, shown: str, what: str) -> str:
    return f"is {what} (starts with {shown}): convert it with `{_editcap(name)}`"


def _editcap(name: str) -> str:
    return f"editcap -F pcapng {quote(name)} {quote(name + '.pcapng')}"
