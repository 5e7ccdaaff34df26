"""What really happened in a capture: the truth files of our samples and of the lab examples.

A truth file is JSON beside the captures, written from the balancer's log, sockets or connection
table and never from the packets.  Both kinds are read into the same value, in our words.
"""

import ipaddress
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

Key = tuple[str, int, str, int]
"""(source, port, destination, port) of a flow, addresses in their canonical text."""

MODE_WORDS: Final = {"transparent-same-port": "transparent", "dnat-masquerade": "full-nat"}
"""Modes of the lab examples in our words; the others are the same."""

VERDICT_WORDS: Final = {
    "asymmetric-return": "return-path-bypasses-balancer",
    "back-syn-unanswered-cause-open": "back-syn-unanswered",
    "lb-503-no-server": "no-server-available",
    "mtu-blackhole": "path-mtu-black-hole",
}
"""Verdicts of the lab examples as rule ids; ``ok-*`` is ``healthy``, the others are the same."""

FORBIDDEN_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "asymmetric-return": ("return-path-bypasses-balancer", "server-answers-client-directly"),
    "asymmetric-return failure": (
        "return-path-bypasses-balancer",
        "server-answers-client-directly",
        "back-syn-unanswered",
    ),
    "asymmetric-return as a certainty": (
        "return-path-bypasses-balancer:likely",
        "return-path-bypasses-balancer:proved",
        "server-answers-client-directly:likely",
        "server-answers-client-directly:proved",
    ),
    "server-down": ("server-unreachable", "server-not-resolved", "no-server-available"),
    "client-problem": ("client-reset", "client-zero-window", "client-network-slow"),
    "port-closed": ("server-port-closed", "vip-port-closed"),
    "one-way traffic is an error": ("capture-one-way", "capture-leg-missing"),
    "front connection without back connection means failure": ("mode=none", "outcome=failed"),
    "transparent": ("mode=transparent",),
    "snat": ("mode=snat",),
    "dnat": ("mode=dnat",),
}
"""What the lab examples must not be said to be, as rule ids, ``rule:certainty`` or ``mode=word``;
other words are rule ids already."""


@dataclass(frozen=True)
class Connection:
    """One client connection and the back flows that carried it."""

    front: Key
    backs: frozenset[Key]
    """Empty: the balancer sent nothing to a server for this client."""
    mode: str
    outcome: str


@dataclass(frozen=True)
class TruthCapture:
    """One capture of the scenario."""

    path: Path
    point: str
    """``balancer client router server``: only the balancer sees both legs."""
    verdicts: tuple[str, ...]
    """Rule ids, ``healthy`` or ``inconclusive``, each of them right; empty: nobody said."""
    whole: bool = True
    """Both legs of every connection of the truth are in it."""


@dataclass(frozen=True)
class Truth:
    """One scenario."""

    name: str
    captures: tuple[TruthCapture, ...]
    connections: tuple[Connection, ...]
    must_not: tuple[str, ...]
    must: tuple[str, ...] = ()
    """Rule ids that must be among the findings, besides the verdict."""
    limits: tuple[str, ...] = ()
    """Ids that must be among the report's limits."""
    document: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """The truth file as it is."""


def key(source: str, destination: str) -> Key:
    """Read ``address:port`` twice; IPv6 may be bracketed or not (the last colon is the port's)."""
    return (*endpoint(source), *endpoint(destination))


def endpoint(text: str) -> tuple[str, int]:
    """Read ``192.0.2.1:25``, ``[2001:db8::1]:25`` or ``2001:db8::1:25``."""
    address, _, port = text.rpartition(":")
    return str(ipaddress.ip_address(address.strip("[]"))), int(port)


def find_truths(folder: Path) -> Iterator[Truth]:
    """Yield the scenarios below a folder, by name.

    A folder is one lab example (``truth.json`` in it), a folder of such folders, or a folder of
    samples (``<id>.json`` beside ``<id>.pcap``).  Raises FileNotFoundError when it is none.
    """
    files = [folder / "truth.json"] if (folder / "truth.json").is_file() else []
    files = files or sorted(folder.glob("*/truth.json")) or sorted(folder.glob("*.json"))
    if not files:
        raise FileNotFoundError(f"{folder}: no truth.json and no <sample>.json in it")
    for file in files:
        yield read_truth(file)


def read_truth(file: Path) -> Truth:
    """Read one truth file of either kind."""
    document: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    expected = document["expected"]
    verdicts = verdicts_in_our_words(expected["verdict"])
    captures = tuple(
        TruthCapture(
            path=file.parent / capture["file"],
            point=point_in_our_words(capture["point"]),
            verdicts=(
                verdicts_in_our_words(capture["verdict"])
                if "verdict" in capture
                else verdicts * is_balancer(capture["point"])
            ),
            whole=is_balancer(capture["point"]) and capture.get("whole", True),
        )
        for capture in document["captures"]
    )
    return Truth(
        name=str(document["scenario"]),
        captures=captures,
        connections=tuple(_connection(row) for row in document["connections"]),
        must_not=tuple(rule for word in expected["must_not"] for rule in forbidden(word)),
        must=tuple(expected.get("must", ())),
        limits=tuple(expected.get("limits", ())),
        document=document,
    )


def _connection(row: dict[str, Any]) -> Connection:
    return Connection(
        front=key(row["front"]["src"], row["front"]["dst"]),
        backs=frozenset(key(back["src"], back["dst"]) for back in row["backs"]),
        mode="none" if row["mode"].startswith("lb-") else MODE_WORDS.get(row["mode"], row["mode"]),
        outcome=str(row.get("outcome", row.get("label", ""))),
    )


def verdicts_in_our_words(words: str | list[str] | None) -> tuple[str, ...]:
    """Translate verdicts of the lab examples to rule ids; rule ids stay as they are."""
    listed = [words] if isinstance(words, str) else words or []
    return tuple(
        "healthy" if word.startswith("ok-") else VERDICT_WORDS.get(word, word) for word in listed
    )


def forbidden(word: str) -> tuple[str, ...]:
    """Translate one ``must_not`` entry; a rule id stands for itself."""
    return FORBIDDEN_WORDS.get(word, (word,))


def is_balancer(point: str) -> bool:
    """Say whether a capture point sees both legs."""
    return point in ("lb", "balancer")


def point_in_our_words(point: str) -> str:
    """Translate ``lb c9 r s1`` to ``balancer client router server``."""
    first = {"c": "client", "r": "router", "s": "server"}
    return "balancer" if is_balancer(point) else first.get(point[:1], point)
