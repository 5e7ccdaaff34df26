"""Captures that only Wireshark knows: named by their magic, converted by its editcap while they are read.

Magic numbers: Wireshark's wiretap sources.  What has no magic is asked of its captype.
"""

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from shlex import quote
from typing import Final

from pcapdiag.read.compressed import ANY_GROWTH, LARGEST_GROWTH, Unpacker
from pcapdiag.read.model import Unreadable


@dataclass(frozen=True)
class Kind:
    """A format that Wireshark converts."""

    name: str
    """Short, as captype has it or as it is shown: ``netmon2``."""
    what: str
    """For a sentence: ``a Microsoft Network Monitor 2 capture``."""


MAGICS: Final = (
    (b"snoop\0\0\0", Kind("snoop", "a Solaris snoop capture")),
    (b"RTSS", Kind("netmon1", "a Microsoft Network Monitor 1 capture")),
    (b"GMBU", Kind("netmon2", "a Microsoft Network Monitor 2 capture")),
    (b"TRSNIFF data    \x1a", Kind("ngsniffer", "a Sniffer capture")),
    (b"XCP\0", Kind("ngwsniffer", "a NetXRay or Windows Sniffer capture")),
    (b"\x00\x00\x02\x00\x12\x05\x00\x10", Kind("rf5", "a Tektronix K12 capture")),
    (b"+---------+---------------+----------+", Kind("k12text", "a Tektronix K12 text capture")),
    (b"btsnoop\0", Kind("btsnoop", "a Bluetooth btsnoop capture")),
    (b"iptrace 1.0", Kind("iptrace", "an AIX iptrace capture")),
    (b"iptrace 2.0", Kind("iptrace", "an AIX iptrace capture")),
    (b"\x7fver", Kind("peektagged", "a Savvius OmniPeek capture")),
    (b"ObserverPktBuffe", Kind("observer", "a Network Instruments Observer capture")),
    (b"\x54\x52\x00\x64\x00", Kind("nettl", "an HP-UX nettl trace")),
    (b"\x05VNF", Kind("visual", "a Visual Networks capture")),
    (b"V0208\0\0", Kind("aethra", "an Aethra capture")),
    (b"\xaa\xaa\xaa\xaa", Kind("5views", "an InfoVista 5View capture")),
    (b"\x01\x10\x4c\x00\x01\x05Trace", Kind("lanalyzer", "a Novell LANalyzer capture")),
)
"""What a file of each kind begins with."""

WITHOUT_MAGIC: Final = {
    "erf": "an Endace ERF capture",
    "commview-ncf": "a CommView capture",
    "commview-ncfx": "a CommView capture",
    "peekclassic56": "an EtherPeek capture",
    "peekclassic7": "an EtherPeek capture",
    "iseries_ascii": "an IBM i communications trace",
    "iseries_unicode": "an IBM i communications trace",
    "niobserver": "a NetInstruments Observer capture",
    "pppd": "a pppd log",
    "tcpiptrace": "an OpenVMS TCPtrace",
    "vwreth": "an IxVeriWave capture",
}
"""Name that captype says -> what it is.  Its other formats hold no packets, or text that many files hold."""

ERF_HEADER: Final = 16
ERF_ETHERNET: Final = frozenset({2, 11, 16})
"""Types of ERF records that hold Ethernet frames; all of them: no need for the pseudo header."""

STEP: Final = 1 << 20
LARGEST_SPOOL: Final = 1 << 35
"""Bytes of an unpacked capture that are kept on disk for the conversion."""
MOST_MEMORY: Final = 4 << 30
MOST_SECONDS: Final = 3600
"""What a conversion may use: it reads files from anywhere."""
SHORT_SECONDS: Final = 60
LONGEST_WORD: Final = 300

INSTALL: Final = "install Wireshark's tools (`apt install tshark`, or tshark of your system)"


def kind_of(start: bytes) -> Kind | None:
    """Return the foreign format that a file's first bytes show; None: none of those with a magic."""
    for magic, kind in MAGICS:
        if start.startswith(magic):
            return kind
    return None


def asked_kind(descriptor: int) -> Kind | None:
    """Return what captype says of an open file; None: nothing that holds packets, or no captype here."""
    if shutil.which("captype") is None:
        return None
    word = _said("captype", descriptor).rpartition(": ")[2].strip()
    return Kind(word, WITHOUT_MAGIC[word]) if word in WITHOUT_MAGIC else None


def _said(tool: str, descriptor: int) -> str:
    try:
        ran = subprocess.run(
            [*tool.split(), f"/dev/fd/{descriptor}"],
            pass_fds=(descriptor,),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env={**os.environ, "LC_ALL": "C"},
            timeout=SHORT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return ran.stdout.decode("utf-8", "replace")


def refusal(name: str, start: bytes, kind: Kind) -> str:
    """Return why a foreign capture cannot be read on this machine, and what to do."""
    shown = start[:4].hex(" ")
    return (
        f"is {kind.what} (starts with {shown}), which only Wireshark can convert: {INSTALL}, "
        f"or where it is installed run `{editcap(name)}`"
    )


def editcap(name: str) -> str:
    """Return the command that converts a file by hand."""
    return f"editcap -F pcapng {quote(name)} {quote(name + '.pcapng')}"


class Converter:
    """The bytes of a foreign capture as pcapng, from a child process that never outlives it."""

    trouble = ""
    """What ended the stream early; "": nothing did."""

    def __init__(self, name: str, start: bytes, kind: Kind, descriptor: int, size: int) -> None:
        """Begin to convert an open file of `size` bytes.  Raises Unreadable without editcap."""
        if shutil.which("editcap") is None:
            raise Unreadable(name, refusal(name, start, kind))
        command = ["editcap", "-F", "pcapng", *_link_type(kind, descriptor)]
        self._most = max(ANY_GROWTH, LARGEST_GROWTH * size)
        self._out = 0
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the child
        try:
            # A pipe of errors could fill up while nobody reads it.
            self._child = subprocess.Popen(
                [*command, f"/dev/fd/{descriptor}", "-"],
                pass_fds=(descriptor,),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                env={**os.environ, "LC_ALL": "C"},
            )
        except OSError as error:
            self._errors.close()
            raise Unreadable(name, f"editcap cannot be run ({error.strerror})") from None
        _restrain(self._child.pid)

    def read_into(self, room: memoryview) -> int:
        """Fill `room` as far as the stream goes; returns how many bytes, 0 at the end."""
        stream = self._child.stdout
        if stream is None or stream.closed:
            return 0
        filled = 0
        while filled < len(room):
            count = os.readv(stream.fileno(), [room[filled:]])
            if count == 0:
                self._end()
                break
            filled += count
        self._out += filled
        if self._out > self._most:
            self.trouble = f"editcap makes more than {LARGEST_GROWTH} times its size of it"
            self.close()
        return filled

    def _end(self) -> None:
        status = self._child.wait()
        self._errors.seek(0)
        said = [
            line.removeprefix("editcap: ").strip()
            for line in self._errors.read(STEP).decode("utf-8", "replace").splitlines()
            if line.startswith("editcap: ")
        ]
        if status or said:
            word = said[0][:LONGEST_WORD] if said else f"it ended with status {status}"
            self.trouble = f"editcap could not convert all of it ({word})"
        self.close()

    def close(self) -> None:
        """End the child, if it still runs."""
        if self._child.stdout is not None:
            self._child.stdout.close()
        if self._child.poll() is None:
            self._child.kill()
        self._child.wait()
        self._errors.close()


def _link_type(kind: Kind, descriptor: int) -> list[str]:
    """Return editcap's option for formats whose packets tell their link type: Ethernet, if all are."""
    if kind.name == "erf":
        return ["-T", "ether"] if _erf_types(descriptor) <= ERF_ETHERNET else []
    if kind.name not in ("commview-ncf", "commview-ncfx", "k12text", "nettl"):
        return []
    lines = [line.strip() for line in _said("capinfos -E", descriptor).splitlines()]
    used = [line for line in lines if line.startswith(_FILE)]
    if _IN_USE in lines:
        used = lines[lines.index(_IN_USE) + 1 :]
    return ["-T", "ether"] if used and all("Ethernet" in each for each in used) else []


def _erf_types(descriptor: int) -> set[int]:
    """Return the types of an ERF file's records; each tells its length."""
    types = set[int]()
    with open(f"/dev/fd/{descriptor}", "rb") as file:
        while len(head := file.read(ERF_HEADER)) == ERF_HEADER:
            types.add(head[8] & 0x7F)
            rest = int.from_bytes(head[10:12], "big") - ERF_HEADER
            if rest < 0:
                break
            file.seek(rest, os.SEEK_CUR)
    return types


_FILE: Final = "File encapsulation:"
_IN_USE: Final = "Encapsulation in use by packets (# of pkts):"
"""Lines of capinfos."""


def _restrain(child: int) -> None:
    """Bound a child's memory and processor time, where the system can do that."""
    import resource

    if hasattr(resource, "prlimit"):
        try:
            resource.prlimit(child, resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
            resource.prlimit(child, resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
        except (ProcessLookupError, PermissionError):  # over already, or limited by others
            return


def spool(name: str, unpacker: Unpacker) -> int:
    """Write what a compressed foreign capture unpacks to into a file without a name.

    Returns its descriptor.  Raises Unreadable when there is no place for it.
    """
    descriptor, path = tempfile.mkstemp(prefix="pcapdiag-")
    os.unlink(path)
    piece = memoryview(bytearray(STEP))
    written = 0
    try:
        with open(descriptor, "wb", closefd=False) as file:
            while count := unpacker.read_into(piece):
                written += count
                if written > LARGEST_SPOOL:
                    raise Unreadable(name, "unpacks to too much: convert it with editcap first")
                file.write(piece[:count])
    except OSError as error:
        os.close(descriptor)
        raise Unreadable(
            name, f"could not be unpacked into {tempfile.gettempdir()} ({error.strerror})"
        ) from None
    except Unreadable:
        os.close(descriptor)
        raise
    return descriptor
