"""Samples with flawed captures: made from good ones as careless capturing makes them.

`python -m tests.lab.flaws` writes them again, byte for byte, from snat-healthy and story.
"""

import argparse
import gzip
import ipaddress
import json
import struct
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.lab.make import SAMPLES, as_text, write_sources

HEADER_BYTES: Final = 24
"""Of a classic pcap file."""
SNAPLEN: Final = 60
"""Cuts TCP options: the Ethernet, IPv4 and TCP headers take 54 bytes."""

FALSE_ALARMS: Final = (
    "return-path-bypasses-balancer",
    "server-answers-client-directly",
    "back-syn-unanswered",
    "duplicate-address",
    "server-port-closed",
    "server-unreachable",
    "server-not-resolved",
    "dsr-server-lacks-vip",
    "no-server-available",
    "vip-port-closed",
    "vip-not-resolved",
    "vip-syn-unanswered",
    "routing-loop",
    "outcome=failed",
)
"""What nobody may conclude from a flawed capture of a network without faults."""


@dataclass(frozen=True)
class Record:
    """One packet of a little-endian microsecond capture."""

    time_us: int
    length: int
    """On the wire."""
    data: bytes

    @property
    def addresses(self) -> tuple[str, str] | None:
        """Source and destination of an IPv4 packet."""
        if self.data[12:14] != b"\x08\x00":
            return None
        source, destination = self.data[26:30], self.data[30:34]
        return str(ipaddress.IPv4Address(source)), str(ipaddress.IPv4Address(destination))


Records = Sequence[Record]


def read(file: Path) -> tuple[bytes, list[Record]]:
    """Read a sample: its file header and its records."""
    content = file.read_bytes()
    content = gzip.decompress(content) if file.suffix == ".gz" else content
    at, records = HEADER_BYTES, []
    while at < len(content):
        seconds, microseconds, kept, length = struct.unpack_from("<IIII", content, at)
        at += 16
        records.append(Record(seconds * 1_000_000 + microseconds, length, content[at : at + kept]))
        at += kept
    return content[:HEADER_BYTES], records


def write(header: bytes, records: Iterable[Record]) -> bytes:
    """Write a capture."""
    parts = [header]
    for record in records:
        seconds, microseconds = divmod(record.time_us, 1_000_000)
        head = struct.pack("<IIII", seconds, microseconds, len(record.data), record.length)
        parts += [head, record.data]
    return b"".join(parts)


def _between(records: Records, keep: Callable[[str, str], bool]) -> list[Record]:
    """Keep the IPv4 packets whose source and destination please; ARP stays out, as with a filter."""
    return [one for one in records if one.addresses is not None and keep(*one.addresses)]


def front_only(records: Records) -> list[Record]:
    """A capture filter for the clients: no packet to or from a server."""
    return _between(records, lambda src, dst: not {src, dst} & {"192.0.2.74", "192.0.2.75"})


def back_only(records: Records) -> list[Record]:
    """A capture filter for the servers: the other leg."""
    return _between(records, lambda src, dst: bool({src, dst} & {"192.0.2.74", "192.0.2.75"}))


def one_way(records: Records) -> list[Record]:
    """A mirror port with one direction: towards the VIP and the servers."""
    servers = {"192.0.2.74", "192.0.2.75"}
    return _between(
        records,
        lambda src, dst: dst in servers or (dst == "192.0.2.173" and src not in servers),
    )


def cut_packets(records: Records) -> list[Record]:
    """A short snaplen."""
    return [Record(one.time_us, one.length, one.data[:SNAPLEN]) for one in records]


def ends_only(records: Records) -> list[Record]:
    """A capture filter for how connections begin and end, as for counting them: SYN, FIN or RST."""
    return [one for one in _between(records, lambda src, dst: True) if one.data[47] & 0b111]


def twice(records: Records) -> list[Record]:
    """A mirror port that copies each packet when it comes and when it goes: 20 us apart."""
    both = [*records, *(Record(one.time_us + 20, one.length, one.data) for one in records)]
    return sorted(both, key=lambda one: one.time_us)


def beginning(records: Records) -> list[Record]:
    """Stopped too early: in the middle of sessions."""
    return list(records[: len(records) * 2 // 5])


def end(records: Records) -> list[Record]:
    """Started too late: in the middle of sessions."""
    return list(records[len(records) * 2 // 5 :])


def with_losses(records: Records) -> list[Record]:
    """A capturing host that drops every ninth packet."""
    return [one for number, one in enumerate(records, 1) if number % 9]


def first_seconds(records: Records) -> list[Record]:
    """Stopped before any SYN could be repeated."""
    return [one for one in records if one.time_us - records[0].time_us < 600_000]


def two_queues(records: Records) -> list[Record]:
    """A network card with two queues: now and then a packet is written before the one it follows."""
    mixed = list(records)
    for number in range(5, len(mixed), 11):
        mixed[number - 1 : number + 1] = mixed[number], mixed[number - 1]
    return mixed


def unchanged(records: Records) -> list[Record]:
    """The packets as they are."""
    return list(records)


@dataclass(frozen=True)
class Flaw:
    """One flawed sample."""

    id: str
    description: str
    limit: str
    """Rule id among the report's limits."""
    change: Callable[[Records], list[Record]]
    verdict: tuple[str, ...] = ("healthy", "inconclusive")
    """Any of them is right."""
    base: str = "snat-healthy"
    whole: bool = False
    """Both legs of every session are there: every pair must be found."""
    cut_bytes: int = 0
    """Taken from the end of the file."""
    must_not: tuple[str, ...] = FALSE_ALARMS


FLAWS: Final = (
    Flaw(
        "flaw-front-only",
        "A capture filter let only the clients' side through.",
        "capture-leg-missing",
        front_only,
    ),
    Flaw(
        "flaw-back-only",
        "A capture filter let only the servers' side through.",
        "capture-leg-missing",
        back_only,
    ),
    Flaw(
        "flaw-one-way",
        "The mirror port copied one direction only.",
        "capture-one-way",
        one_way,
    ),
    Flaw(
        "flaw-snaplen",
        "Packets were cut after 60 bytes.",
        "capture-snaplen",
        cut_packets,
        verdict=("healthy",),
        whole=True,
    ),
    Flaw(
        "flaw-ends-only",
        "A capture filter let only SYN, FIN and RST through.",
        "capture-drops",
        ends_only,
    ),
    Flaw(
        "flaw-duplicates",
        "The mirror port copied each packet twice, 20 microseconds apart.",
        "capture-duplicates",
        twice,
        verdict=("healthy",),
        whole=True,
    ),
    Flaw(
        "flaw-ends-early",
        "The capture was stopped while sessions were running.",
        "capture-ends-early",
        beginning,
    ),
    Flaw(
        "flaw-starts-late",
        "The capture was started while sessions were running.",
        "capture-starts-late",
        end,
    ),
    Flaw(
        "flaw-losses",
        "The capturing host dropped every ninth packet.",
        "capture-drops",
        with_losses,
    ),
    Flaw(
        "flaw-out-of-order",
        "Packets of two queues were written in the wrong order now and then.",
        "capture-out-of-order",
        two_queues,
        whole=True,
    ),
    Flaw(
        "flaw-damaged",
        "The file ends in the middle of a packet.",
        "capture-damaged",
        unchanged,
        verdict=("healthy",),
        whole=True,
        cut_bytes=20,
    ),
    Flaw(
        "flaw-story-back-only",
        "The story, with a capture filter for the server's address: no client's side, no ARP.",
        "capture-leg-missing",
        back_only,
        base="story",
        must_not=(
            "back-syn-unanswered:proved",
            "return-path-bypasses-balancer",
            "server-answers-client-directly",
            "vip-syn-unanswered",
            "vip-port-closed",
            "no-server-available",
        ),
        verdict=("back-syn-unanswered",),
    ),
    Flaw(
        "flaw-story-ends-early",
        "The story, stopped before any SYN could be repeated: nobody can tell silence from haste.",
        "capture-ends-early",
        first_seconds,
        base="story",
        must_not=(
            "return-path-bypasses-balancer:proved",
            "server-answers-client-directly",
            "server-port-closed",
            "no-server-available",
        ),
        verdict=("inconclusive", "return-path-bypasses-balancer", "back-syn-unanswered"),
    ),
)


def spoil(flaw: Flaw, folder: Path) -> None:
    """Write one flawed capture and its truth beside the sample it is made from."""
    base: dict[str, Any] = json.loads((folder / f"{flaw.base}.json").read_text(encoding="utf-8"))
    header, records = read(folder / base["captures"][0]["file"])
    content = write(header, flaw.change(records))
    content = content[: len(content) - flaw.cut_bytes]
    name = f"{flaw.id}.pcap.gz"
    (folder / name).write_bytes(gzip.compress(content, mtime=0))
    document = {
        "scenario": flaw.id,
        "description": f"{flaw.description} Made from {flaw.base}.",
        "expected": {
            "verdict": list(flaw.verdict),
            "must": [],
            "must_not": list(flaw.must_not),
            "limits": [flaw.limit],
            "notes": [],
        },
        "topology": base["topology"],
        "captures": [
            {
                "file": name,
                "point": "balancer",
                "interface": base["captures"][0]["interface"],
                "whole": flaw.whole,
            }
        ],
        "connections": base["connections"],
        "provenance": base["provenance"] | {"made_by": "python -m tests.lab.flaws"},
    }
    (folder / f"{flaw.id}.json").write_text(as_text(document), encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Write all flawed samples."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab.flaws", description=__doc__)
    parser.add_argument("--to", type=Path, default=SAMPLES, help="folder (default: samples/)")
    folder: Path = parser.parse_args(arguments).to
    for flaw in FLAWS:
        spoil(flaw, folder)
    write_sources(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
