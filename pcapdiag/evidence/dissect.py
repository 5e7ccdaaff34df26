"""The packets of one session as tshark decodes them, through pyshark, which lives only here.

The analysis never comes here: decoding a session's few packets deeply is worth a slow tool, a capture is not.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final

from pcapdiag.report.words import connection_filter, endpoint, safe

MOST_LINES: Final = 8
"""Fields shown of one layer of one packet."""

CHUNK: Final = 1 << 16

CARRIERS: Final = frozenset(
    {"frame", "eth", "vlan", "sll", "ip", "ipv6", "tcp", "null", "loop", "raw", "data", "geninfo"}
    | {"ns"}  # a NetScaler's header
)
"""Layers that every packet has; what they say is in the first line of a packet."""

ASIDES: Final = ("Expert Info", "Severity level", "Group")
"""Beginnings of what tshark thinks of a field, among the fields; Wireshark shows it in its own window."""


class DissectError(Exception):
    """Nothing can be decoded; the message says why and what to do."""


@dataclass(frozen=True)
class Leg:
    """One leg whose packets are wanted, as its record of the flow table has it."""

    name: str
    """``front``, ``back``, ``back 2``..."""
    source: str
    source_port: int
    destination: str
    destination_port: int
    first_frame: int
    last_frame: int
    source_mac: str | None
    """Of packets to the responder; tells two hops of one flow apart."""
    ttl: tuple[int, int]
    """First TTL seen in each direction; -1: none."""


@dataclass(frozen=True)
class Decoded:
    """One packet; all text is safe to print."""

    frame: int
    """Its number in the capture; of one kept in several files, as they are counted together."""
    time_s: str
    """Seconds since the capture's first packet."""
    leg: str
    source: str
    destination: str
    flags: str
    """``SYN, ACK``..."""
    payload: int
    """Bytes."""
    lines: tuple[str, ...]
    """What the layers above TCP say."""


def dissect(
    files: Sequence[str], legs: Sequence[Leg], most: int, woven: bool = False
) -> Iterator[Decoded]:
    """Yield the packets of the legs in file order, at most `most`; raises DissectError.

    `files` are one capture: the files of a ring buffer in their order, those of several interfaces (`woven`),
    or just one.
    """
    last = max(leg.last_frame for leg in legs)
    # Absolute: a name that begins with a dash is no option of a program's.
    paths = [str(Path(file).resolve()) for file in files]
    options = ["-c", str(last), "-T", "pdml", "-Y", display_filter(legs)]
    number = 0
    with tempfile.TemporaryFile() as said:
        with _running(paths, woven, options, said) as output:
            for packet in islice(_packets(output), most):
                number += 1
                yield _decoded(packet, legs)
        said.seek(0)
        words = said.read(10_000).decode("utf-8", "replace").strip().split("\n")
    if not number:
        raise DissectError(
            f"tshark shows no packet of this session in {files[0]}: {safe(words[-1])}"
        )


@contextmanager
def _running(
    paths: Sequence[str], woven: bool, options: Sequence[str], said: IO[bytes]
) -> Iterator[IO[bytes]]:
    """Run tshark over one capture and give its output; `said` gets what it complains about."""
    tshark = _found("tshark")
    with ExitStack() as stack:
        given: IO[bytes] | int = subprocess.DEVNULL
        name = paths[0]
        if len(paths) > 1:
            # As we number them: one after the other where dialogues go on from file to file.
            order = () if woven else ("-a",)
            command = [_found("mergecap"), *order, "-w", "-", *paths]
            merging = stack.enter_context(_process(command, given, said))
            assert merging.stdout is not None
            given, name = merging.stdout, "-"
        command = [tshark, "-n", "-r", name, *options]
        process = stack.enter_context(_process(command, given, said))
        assert process.stdout is not None
        yield process.stdout


@contextmanager
def _process(
    command: Sequence[str], given: IO[bytes] | int, said: IO[bytes]
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program until nobody needs it any more."""
    with subprocess.Popen(command, stdin=given, stdout=subprocess.PIPE, stderr=said) as process:
        try:
            yield process
        finally:
            process.kill()


def _found(program: str) -> str:
    path = shutil.which(program)
    if path is None:
        raise DissectError(
            f"{program} was not found: tshark decodes the packets. Install it (Debian and Ubuntu: apt "
            "install tshark; Fedora: dnf install wireshark-cli; macOS: brew install wireshark)."
        )
    return path


def _packets(stream: IO[bytes]) -> Iterator[Any]:
    """Yield pyshark's packets from PDML.

    pyshark's own captures run tshark in an event loop, which fails inside another one, on Python 3.14,
    and when tshark ends at the wrong moment; its packets are what we are after.
    """
    from pyshark.tshark.output_parser.tshark_xml import packet_from_xml_packet

    data = b""
    while chunk := stream.read1(CHUNK):  # type: ignore[attr-defined]
        data += chunk
        *packets, data = data.split(b"</packet>")
        for packet in packets:
            yield packet_from_xml_packet(packet[packet.index(b"<packet>") :] + b"</packet>")


def display_filter(legs: Sequence[Leg]) -> str:
    """Return the Wireshark filter that shows the packets of the legs."""
    parts = []
    for leg in legs:
        ends = connection_filter(leg.source, leg.source_port, leg.destination, leg.destination_port)
        parts.append(
            f"({ends} && frame.number >= {leg.first_frame} && frame.number <= {leg.last_frame})"
        )
    return " || ".join(dict.fromkeys(parts))


def _decoded(packet: Any, legs: Sequence[Leg]) -> Decoded:
    network = packet.ipv6 if "ipv6" in packet else packet.ip
    ttl = int(network.hlim if "ipv6" in packet else network.ttl)
    tcp = packet.tcp
    source, destination = str(network.src), str(network.dst)
    ports = int(tcp.srcport), int(tcp.dstport)
    return Decoded(
        frame=int(packet.frame_info.number),
        time_s=safe(packet.frame_info.time_relative, 30),
        leg=_leg(legs, (source, *ports, destination), _mac(packet), ttl),
        source=endpoint(source, ports[0]),
        destination=endpoint(destination, ports[1]),
        flags=_flags(tcp),
        payload=int(tcp.len) if tcp.has_field("len") else 0,
        lines=tuple(_lines(packet)),
    )


def _leg(legs: Sequence[Leg], ends: tuple[str, int, int, str], mac: str | None, ttl: int) -> str:
    """Name the leg of a packet; two hops of one flow differ in MAC or TTL."""
    source, source_port, port, destination = ends
    fitting = list[tuple[Leg, int]]()
    for leg in legs:
        initiator, responder = (
            (leg.source, leg.source_port),
            (leg.destination, leg.destination_port),
        )
        if ((source, source_port), (destination, port)) == (initiator, responder):
            fitting.append((leg, 0))
        elif ((source, source_port), (destination, port)) == (responder, initiator):
            fitting.append((leg, 1))
    names = [leg.name for leg, _ in fitting]
    if len(names) > 1:
        by_mac = [leg.name for leg, to in fitting if to == 0 and mac and leg.source_mac == mac]
        by_ttl = [leg.name for leg, to in fitting if leg.ttl[to] == ttl]
        names = next((found for found in (by_mac, by_ttl) if len(found) == 1), names)
    return " or ".join(names)


def _mac(packet: Any) -> str | None:
    """Return the source MAC of the frame, None where the link has none."""
    if "eth" in packet:
        return str(packet.eth.src)
    if "sll" in packet and packet.sll.has_field("src_eth"):
        return str(packet.sll.src_eth)
    return None


def _flags(tcp: Any) -> str:
    named = ("syn", "fin", "reset", "push", "ack")
    return ", ".join(
        {"reset": "RST", "push": "PSH"}.get(name, name.upper())
        for name in named
        if tcp.has_field(f"flags_{name}") and str(tcp.get_field(f"flags_{name}")) in ("1", "True")
    )


def _lines(packet: Any) -> Iterator[str]:
    """Yield what the layers above TCP say, a field a line, nothing twice."""
    for layer in packet.layers:
        name = str(layer.layer_name)
        if name in CARRIERS:
            continue
        # Fields within fields repeat what the outer one says.
        texts = dict.fromkeys(
            str(field.showname or field.show).removesuffix(r"\r\n")
            for field in layer._all_fields.values()
            if not field.hide
        )
        said = [text for text in texts if text and not text.startswith(ASIDES)]
        yield from (safe(f"{name.upper()}: {text}", 160) for text in said[:MOST_LINES])
