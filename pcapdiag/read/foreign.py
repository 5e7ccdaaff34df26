"""What a file is that begins like no capture of ours: named, with the command that converts it.

Source: the magic numbers of wireshark's wiretap readers and of common file types.
"""

from typing import Final

CONVERT: Final = (
    "convert it with `editcap -F pcapng FILE NEW.pcapng` (part of Wireshark) and try again"
)

_CAPTURES: Final = {
    b"snoop\0\0\0": "a snoop capture",
    b"GMBU": "a Microsoft Network Monitor capture",
    b"RTSS": "a Microsoft Network Monitor 1 capture",
    b"TRSNIFF": "a Sniffer capture",
    b"XCP\0": "a NetXRay or Windows Sniffer capture",
    b"\x05\x00\x00\x00\x00\x00\x00\x00": "perhaps an ERF capture",
    b"NSTrace": "a NetScaler trace (nstrace)",
    b"NS_TRACE": "a NetScaler trace (nstrace)",
}

_OTHERS: Final = {
    b"PK\x03\x04": "a ZIP archive; unpack it first",
    b"BZh": "bzip2 data; unpack it with `bunzip2` first",
    b"\xfd7zXZ\0": "xz data; unpack it with `unxz` first",
    b"\x04\x22\x4d\x18": "lz4 data; unpack it with `unlz4` first",
    b"7z\xbc\xaf": "a 7-Zip archive; unpack it first",
    b"\x7fELF": "a program, not a capture",
    b"%PDF": "a PDF, not a capture",
}


def what_it_is(start: bytes) -> str:
    """Return the second half of an error message: what the file is and what to do."""
    for magic, words in _CAPTURES.items():
        if start.startswith(magic):
            return f"is {words}; {CONVERT}"
    for magic, words in _OTHERS.items():
        if start.startswith(magic):
            return f"is {words}"
    if start[257:262] == b"ustar":
        return "is a tar archive; unpack it first"
    shown = " ".join(f"{byte:02x}" for byte in start[:4])
    return f"is not a capture (it starts with {shown}); give a pcap or pcapng file, or {CONVERT}"
