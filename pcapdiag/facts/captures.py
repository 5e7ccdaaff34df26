"""The table `capture`: what each file can show and what it hides."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pcapdiag.facts.addresses import Columns, as_numbers, as_texts, of_record
from pcapdiag.facts.backs import Backs
from pcapdiag.facts.columns import BIGINT, Column, count, text, time, true
from pcapdiag.facts.fronts import Fronts
from pcapdiag.flows import keys
from pcapdiag.flows.legs import Bools, Ints
from pcapdiag.flows.result import CaptureFacts, Traffic
from pcapdiag.flows.table import CLOSES, HANDSHAKES, WHOLE
from pcapdiag.layers.reasons import is_unreadable
from pcapdiag.sessions.model import ONE_WAY
from pcapdiag.sessions.outcome import PATIENCE_NS
from pcapdiag.settings import Settings

EARLY_NS = 1_000_000_000
"""A connection first seen within this time was most likely under way when the capture began (a definition of
docs/design.md section 7)."""

AT_END_NS = 100_000_000
"""A connection that spoke this short before the end was in the middle of something (a definition, too)."""


CAPTURE: Final = (
    count("number", "0, 1...: order of the inputs"),
    text("file", "as the user named it"),
    text("point", "where it was taken, if the user said so: balancer, client, server, router"),
    text("format", "pcap, pcapng, snoop, nstrace..., with +gzip, +zstd... when compressed"),
    count("packets", "packets"),
    count("flows", "TCP connections"),
    time("first_ns", "first packet"),
    time("last_ns", "last packet"),
    time("duration_ns", "between them"),
    Column(
        "snaplen",
        BIGINT,
        "smallest snapshot length that an interface of it has; NULL: no limit",
        "bytes",
    ),
    count("drops", "packets that the capturing host says it lost"),
    count("cut_packets", "packets captured shorter than on the wire"),
    count("cut_flows", "TCP connections with such packets"),
    count(
        "duplicates",
        "TCP packets captured twice at the same place; equal SYN-ACKs of a handshake that SYNs repeat "
        "do not count",
    ),
    count("copies", "TCP packets seen at more than one place on the path"),
    count("tcp_packets", "TCP packets"),
    count("acked_unseen", "acknowledgements of data that is not in the capture"),
    count("late_starts", "connections without their beginning (no SYN, no SYN-ACK)"),
    count(
        "late_starts_later", "of these: their first packet came after the capture's first second"
    ),
    count(
        "one_way",
        "connections with one direction only though it proves that the other was answered",
    ),
    count("two_way", "connections with both directions"),
    true("syn_only", "SYNs and SYN-ACKs are all that it holds of TCP: the rest was filtered away"),
    count(
        "one_way_dsr", "of `one_way`: expected, since the answers pass elsewhere by design (DSR)"
    ),
    count(
        "pending",
        "connections whose last SYN is unanswered with less than three seconds of capture left",
    ),
    count("open_at_end", "open connections with a packet in the capture's last tenth of a second"),
    count("pending_frame", "first frame of the first of them"),
    count("fronts", "front flows in sessions"),
    count("fronts_served", "of these: the client got payload"),
    count(
        "fronts_turned_away",
        "of these: without a back, and answered with HTTP 3xx or 4xx, as a balancer does by itself that "
        "redirects or denies",
    ),
    count("fronts_with_back", "of `fronts`: with a back"),
    count("backs", "back flows, health checks not counted"),
    count("backs_without_front", "of these: no front found"),
    count("health_checks", "the balancer's own health checks of servers"),
    count("neighbors", "ARP and neighbour discovery packets"),
    count("icmp", "ICMP errors and redirects"),
    count("unreadable", "packets that could not be decoded because damaged or of an unknown kind"),
    count("problems", "damaged places in the container"),
    text("first_problem", "the first of them"),
    count("problem_frame", "the last good frame before it"),
    count("backwards", "packets with an earlier time than the one before them in the file"),
    time("backwards_ns", "how much earlier, at most"),
    count("backwards_frame", "the first of them"),
    count("untimed", "packets without a time"),
    count("files", "files that the capture is kept in: more than one for a ring buffer"),
    true("has_macs", "destination MACs are known (not so with the `any` interface)"),
)


def capture_columns(traffic: Traffic, fronts: Fronts, backs: Backs, settings: Settings) -> Columns:
    """Return the columns of `capture`, one entry a file."""
    captures = traffic.captures
    points = dict(settings.points)
    accounts = [capture.account for capture in captures]
    snaplens = [[i.snaplen for i in capture.interfaces] for capture in captures]
    return {
        "number": np.arange(len(captures)),
        "file": as_texts([capture.name for capture in captures]),
        "point": as_texts([points.get(capture.name, "") for capture in captures]),
        "format": as_texts([account.format for account in accounts]),
        "packets": as_numbers([account.packets for account in accounts]),
        "first_ns": as_numbers([account.first_ns for account in accounts]),
        "last_ns": as_numbers([account.last_ns for account in accounts]),
        "duration_ns": as_numbers(
            [a.last_ns - a.first_ns if min(a.first_ns, a.last_ns) >= 0 else -1 for a in accounts]
        ),
        "snaplen": as_numbers(
            [min((length for length in s if length > 0), default=-1) for s in snaplens]
        ),
        "drops": as_numbers([account.drops for account in accounts]),
        "cut_packets": as_numbers([account.cut_packets for account in accounts]),
        "unreadable": as_numbers([_unreadable(capture) for capture in captures]),
        "problems": as_numbers([len(account.problems) for account in accounts]),
        "first_problem": as_texts([a.problems[0].what if a.problems else "" for a in accounts]),
        "problem_frame": as_numbers([a.problems[0].frame if a.problems else -1 for a in accounts]),
        "backwards": as_numbers([account.backwards for account in accounts]),
        "backwards_ns": as_numbers([a.backwards_ns if a.backwards else -1 for a in accounts]),
        "backwards_frame": as_numbers([account.backwards_frame for account in accounts]),
        "untimed": as_numbers([account.untimed for account in accounts]),
        "files": as_numbers([max(len(account.parts), 1) for account in accounts]),
        "neighbors": _tally(traffic.neighbors["file"], len(captures)),
        "icmp": _tally(traffic.icmp["file"], len(captures)),
        **_flow_columns(traffic, fronts, backs),
        **_session_columns(traffic, fronts, backs),
    }


def _tally(files: NDArray[Any], count: int) -> Ints:
    tally: Ints = np.bincount(files, minlength=count).astype(np.int64)
    return tally


def _unreadable(capture: CaptureFacts) -> int:
    return sum(packets for reason, packets in capture.undecoded.items() if is_unreadable(reason))


def _flow_columns(traffic: Traffic, fronts: Fronts, backs: Backs) -> Columns:
    count = len(traffic.captures)
    flows = traffic.flows
    whole = np.flatnonzero(flows["hop"] == WHOLE)

    def of(name: str) -> NDArray[Any]:
        return flows[name][whole]

    file = of("file")

    def tally(chosen: Any) -> Ints:
        return _tally(file[chosen], count)

    def total_of(values: NDArray[Any]) -> Ints:
        return np.bincount(file, weights=values, minlength=count).astype(np.int64)

    def total(name: str) -> Ints:
        return total_of(of(name).sum(axis=1))

    start = np.array([c.account.first_ns for c in traffic.captures], np.int64)[file]
    end = np.array([c.account.last_ns for c in traffic.captures], np.int64)[file]
    syns, last_ns, packets = of("syn_count"), of("last_ns"), of("packets") > 0
    late = (syns <= 0) & (of("syn_ack_count") <= 0)
    goes_on = (of("bytes")[:, 0] > 0) | (of("highest_ack")[:, 0] > 0)
    one_way = one_way_flows(packets, goes_on)
    two_way = packets.all(axis=1)
    elsewhere = keys.among(whole, flows["whole"][_answered_elsewhere(fronts, backs)])
    pending = (of("handshake") == HANDSHAKES.index("unanswered")) & ~two_way & ~one_way
    pending &= end - np.maximum(of("last_syn_ns"), of("syn_ns")) < PATIENCE_NS
    pending &= syns < 3
    first_pending = np.full(count, -1, np.int64)
    first_pending[file[pending][::-1]] = of("first_frame")[pending][::-1]
    busy = (of("close") == CLOSES.index("open")) & two_way & (end - last_ns <= AT_END_NS)
    busy &= (of("fins") <= 0).all(axis=1) & (of("resets") <= 0).all(axis=1)
    # A connection that was answered goes on, at least by an ACK: where none does, it was filtered.
    answers, opening = total_of(of("syn_ack_count")), total_of(syns + of("syn_ack_count"))
    others = total("packets") - opening
    has_macs = (flows["mac"][whole, :, 1] >= 0).any(axis=1)
    return {
        "flows": tally(np.ones(len(whole), np.bool_)),
        "tcp_packets": total("packets"),
        "cut_flows": tally((of("cut") > 0).any(axis=1)),
        "duplicates": total_of(_twice(of("duplicates"), of("handshake"), syns)),
        "copies": total("copies"),
        "acked_unseen": total("acked_unseen"),
        "late_starts": tally(late),
        "late_starts_later": tally(late & (of("first_ns") - start > EARLY_NS)),
        "one_way": tally(one_way),
        "two_way": tally(two_way),
        "syn_only": ((answers > 0) & (others == 0)).astype(np.int64),
        "one_way_dsr": tally(one_way & elsewhere),
        "pending": tally(pending),
        "open_at_end": tally(busy),
        "pending_frame": first_pending,
        "has_macs": (tally(has_macs) > 0).astype(np.int64),
    }


def _twice(duplicates: Ints, handshake: Ints, syns: Ints) -> Ints:
    """Return for each connection how many of its packets were captured twice.

    While nothing is acknowledged, a SYN-ACK repeated by the clock may meet one that answers a repeated SYN.
    """
    met = (handshake == HANDSHAKES.index("partial")) & (syns != 1) & (duplicates[:, 0] <= 0)
    found: Ints = np.where(met, 0, duplicates.sum(axis=1)).astype(np.int64)
    return found


def one_way_flows(packets: Bools, goes_on: Bools) -> Bools:
    """Return which connections show one direction only though the other must have existed.

    `packets` says per direction whether any were seen, `goes_on` whether the initiator went on as one does
    who was answered: a SYN without an answer is no proof; payload, an acknowledgement or a SYN-ACK is.
    """
    to_responder, to_initiator = packets[:, 0], packets[:, 1]
    found: Bools = (to_responder & ~to_initiator & goes_on) | (~to_responder & to_initiator)
    return found


def _answered_elsewhere(fronts: Fronts, backs: Backs) -> Ints:
    """Return the records of sessions whose answers pass the balancer by design."""
    direct = keys.among(fronts.mode, ONE_WAY)
    records = np.concatenate([fronts.record[direct], backs.record[direct[backs.owner]]])
    found: Ints = records[records >= 0]
    return found


def _session_columns(traffic: Traffic, fronts: Fronts, backs: Backs) -> Columns:
    count = len(traffic.captures)
    seen = fronts.record >= 0
    served = seen & traffic.flows.served[fronts.record]
    has_back = np.bincount(backs.owner, minlength=len(fronts.id)) > 0
    status = of_record(traffic.flows["http_status"], fronts.record)
    turned = (status >= 300) & (status < 500)
    file = of_record(traffic.flows["file"], backs.record)
    client = ~backs.health_check
    return {
        "fronts": _tally(fronts.file[seen], count),
        "fronts_served": _tally(fronts.file[seen & served], count),
        "fronts_turned_away": _tally(fronts.file[seen & ~has_back & turned], count),
        "fronts_with_back": _tally(fronts.file[seen & has_back], count),
        "backs": _tally(file[client], count),
        "backs_without_front": _tally(file[client & ~seen[backs.owner]], count),
        "health_checks": _tally(file[backs.health_check], count),
    }
