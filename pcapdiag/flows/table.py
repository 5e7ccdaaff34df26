"""The flow table: every column with its unit, its meaning and what unknown looks like.

One record a flow (one TCP connection), and one a hop for flows seen at several places on the path:

* A record with ``hop == WHOLE`` is a connection with every frame of it, copies included, counted as
  tshark counts (its ``tcp.stream`` is our ``flow``).
* When a copy of a packet shows up (same TCP header, other MAC, VLAN, interface or TTL, or the same
  frame twice), the record so far is duplicated as hop 0; from then on every packet is counted in the
  whole record and in its hop's record.  A flow with one hop and no copies has no hop records: its
  whole record is its hop.

In columns with two entries, 0 is the direction to the responder, 1 to the initiator.
Unknown ("not seen") is -1 in every column; :mod:`pcapdiag.facts` turns it into NULL.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pcapdiag.layers.tunnel import WORDS

WHOLE: Final = -1
"""Value of ``hop`` in the record that stands for the connection as a whole."""

NEVER: Final = int(np.iinfo(np.int64).max)
"""A time that does not come."""

PREFIX_LENGTHS: Final = (16, 64, 256, 1024)
"""Stream lengths at which the running checksum is kept, bytes."""

HANDSHAKES: Final = ("not-seen", "unanswered", "refused", "partial", "complete")
"""Words for the `handshake` code, in its order."""

CLOSES: Final = ("open", "fin", "reset")
"""Words for the `close` code, in its order.  `fin`: both sides sent FIN; `reset`: an RST came first."""

OPENINGS: Final = ("other", "http", "http2", "tls", "proxy", "code", "ssh")
"""Words for the `opening` code, in its order: what a stream begins with.

`http`: an HTTP/1 request or reply; `http2`: its preface (RFC 9113 3.4); `tls`: a record (RFC 8446 5.1);
`proxy`: a PROXY protocol header; `code`: a reply code (RFC 5321 4.2); `ssh`: see RFC 4253 4.2.
"""

TUNNELS: Final = WORDS
"""Words for the `tunnel` code, in its order."""


@dataclass(frozen=True)
class Column:
    """One column of the flow table."""

    name: str
    type: str
    """numpy type of one entry."""
    shape: tuple[int, ...]
    meaning: str


def _one(name: str, meaning: str, type: str = "i8") -> Column:
    return Column(name, type, (), meaning)


def _both(name: str, meaning: str, type: str = "i8") -> Column:
    return Column(name, type, (2,), meaning)


COLUMNS: Final[tuple[Column, ...]] = (
    # Who
    _one("file", "index of the capture among the inputs", "i4"),
    _one("flow", "number of the connection in its file, as tshark's tcp.stream", "i4"),
    _one("hop", "-1: the whole connection; 0, 1...: one place on the path", "i1"),
    _one("first_hop", "record of hop 0; -1: the flow has no hop records of its own", "i4"),
    _one("next_hop", "record of the next hop of the same flow; -1: none", "i4"),
    _one("whole", "record of the whole connection (itself for hop == -1)", "i4"),
    _one("ip_version", "4 or 6", "i1"),
    Column(
        "address",
        "u4",
        (2, 4),
        "initiator's and responder's address as big-endian 32-bit words; IPv4 in word 0",
    ),
    Column("port", "i4", (2,), "initiator's and responder's port"),
    # Where on the path (of the first packet in each direction)
    Column("mac", "i8", (2, 2), "[direction][source, destination] MAC as a 48-bit number"),
    _both(
        "mac_changes",
        "packets whose MAC pair differs from the one before in the same direction",
        "i4",
    ),
    _one("vlan", "outermost VLAN id of the first packet", "i2"),
    _one("interface", "capture interface of the first packet", "i4"),
    _both(
        "link_direction",
        "0 to this host, 4 sent by this host (LINUX_SLL packet type; pcapng flags), else -1",
        "i1",
    ),
    _both("ttl", "IPv4 TTL / IPv6 hop limit of the first packet", "i2"),
    _both("ttl_low", "smallest TTL seen", "i2"),
    _both("ttl_high", "largest TTL seen", "i2"),
    _one(
        "tunnel", "innermost encapsulation of the first packet, index into TUNNELS; 0: none", "i1"
    ),
    _one("tunnel_id", "VNI, key, label, session or tunnel end point of that encapsulation"),
    _one(
        "outer_version",
        "4 or 6: IP version of the header that carried that encapsulation; 0: none did",
        "i1",
    ),
    Column(
        "outer",
        "u4",
        (2, 4),
        "source and destination address of that header, in the first packet",
    ),
    # How much
    _both("packets", "packets, all copies included in the whole record", "i4"),
    _both("bytes", "TCP payload on the wire, bytes, retransmissions included"),
    _both("frame_bytes", "frames on the wire, bytes"),
    _both("cut", "packets captured shorter than they were on the wire", "i4"),
    _both("copies", "whole record: packets that are copies seen at another hop", "i4"),
    _both("duplicates", "whole record: packets captured twice at the same hop", "i4"),
    _both("fragments", "IP fragments that packets came in", "i4"),
    _both("fragment_overlaps", "packets put together from fragments that overlapped", "i4"),
    _both("largest_payload", "largest TCP payload in one packet, bytes", "i4"),
    _both("largest_packet", "largest IP packet, bytes on the wire", "i4"),
    # When
    _one("first_frame", "frame number"),
    _one("last_frame", "frame number"),
    _one("first_ns", "time of the first packet"),
    _one("last_ns", "time of the last packet"),
    _one("first_position", "offset of the first packet in the uncompressed file"),
    # Handshake (RFC 9293 3.5)
    _one(
        "syn_count", "SYN without ACK from the initiator, copies not counted in a hop record", "i4"
    ),
    _one("syn_ack_count", "SYN-ACK from the responder", "i4"),
    _one("syn_frame", "frame of the first SYN"),
    _one("syn_ns", "its time"),
    _one("last_syn_frame", "frame of the last SYN"),
    _one("last_syn_ns", "its time"),
    _one("syn_ack_frame", "frame of the first SYN-ACK"),
    _one("syn_ack_ns", "its time"),
    _one("handshake_frame", "frame of the first ACK of the initiator that covers the SYN-ACK"),
    _one("handshake_ns", "its time"),
    _one("handshake", "index into HANDSHAKES", "i1"),
    _both("isn", "initial sequence number, from the SYN or SYN-ACK"),
    _both("mss", "MSS option, bytes (RFC 9293 3.7.1)", "i4"),
    _both("window_scale", "shift of the window scale option (RFC 7323 2)", "i2"),
    _both("sack_permitted", "1: offered (RFC 2018)", "i1"),
    _both("timestamp", "TSval of the SYN or SYN-ACK (RFC 7323 3)"),
    _both("syn_window", "window field of the SYN or SYN-ACK, unscaled", "i4"),
    _both("ip_id", "IPv4 identification of the first packet; -1 for IPv6", "i4"),
    _one(
        "completeness",
        "tcp.completeness, the sum of what was seen: 1 SYN, 2 SYN-ACK, 4 ACK, 8 data, 16 FIN, 32 RST",
        "i1",
    ),
    _both("pure_ack_frame", "frame of the first ACK without payload, FIN, RST or SYN"),
    # Data
    _both("first_data_frame", "frame of the first payload"),
    _both("first_data_ns", "its time"),
    _both("last_data_ns", "time of the last payload"),
    _both(
        "first_data_position",
        "offset in the uncompressed file of the packet with the first payload",
    ),
    _both(
        "prefix_length",
        "bytes of the stream's beginning that went into the checksums, at most the last of PREFIX_LENGTHS",
        "i4",
    ),
    Column("prefix", "i8", (2, 4), "CRC-32 of the stream's first PREFIX_LENGTHS[i] bytes"),
    _both("prefix_end", "CRC-32 of the first `prefix_length` bytes"),
    _both(
        "line", "CRC-32 of the stream's first line without CR LF; -1: none ended within the prefix"
    ),
    _both("line_length", "its length, bytes", "i4"),
    _both("turns", "times this side began to speak after the other (requests, replies)", "i4"),
    _one(
        "last_speaker",
        "who sent the last payload that was new: 0 the initiator, 1 the responder",
        "i1",
    ),
    # What a dialogue in the clear says of itself
    _both(
        "opening", "what the stream begins with, index into OPENINGS; -1: not seen, or cut", "i1"
    ),
    _one("http_requests", "packets that begin with an HTTP/1 request (RFC 9112 3)", "i4"),
    _one("http_replies", "final HTTP/1 replies that begin in packets of the responder", "i4"),
    _one(
        "http_status", "status of the first reply (RFC 9110 15), of a final one if there is", "i2"
    ),
    _one("http_errors", "replies with a status of 500 or more", "i4"),
    _one("http_error_status", "status of the first of them", "i2"),
    _one("http_error_frame", "its frame"),
    _one(
        "reply_cut",
        "1: the responder ended the stream before its last HTTP reply was as long as announced "
        "(RFC 9112 8); 0: it was",
        "i1",
    ),
    _one("reply_missing", "bytes that it lacked; of a chunked reply they are not known", "i4"),
    _one(
        "greeting",
        "reply code with which the responder greets before it is asked (RFC 5321 4.2, RFC 959 4.2)",
        "i2",
    ),
    _one("reply_code", "such a code at the beginning of what it said last", "i2"),
    _both("tls_alert", "fatal TLS alert sent in the clear (RFC 8446 6)", "i2"),
    _both("tls_alert_frame", "its frame"),
    # End
    _one("close", "index into CLOSES", "i1"),
    _both("fins", "packets with FIN", "i4"),
    _both("resets", "packets with RST", "i4"),
    _both("fin_frame", "frame of the first FIN"),
    _both("fin_ns", "its time"),
    _both("reset_frame", "frame of the first RST"),
    _both("reset_ns", "its time"),
    _both("reset_ttl", "TTL of the first RST", "i2"),
    # Trouble, as Wireshark's tcp.analysis defines it
    _both("retransmissions", "all kinds (tcp.analysis.retransmission)", "i4"),
    _both("fast_retransmissions", "of these, fast", "i4"),
    _both("spurious_retransmissions", "of these, spurious", "i4"),
    _both("data_retransmissions", "of all kinds, those with payload", "i4"),
    _both("out_of_order", "tcp.analysis.out_of_order", "i4"),
    _both("lost_segments", "tcp.analysis.lost_segment: a hole before this packet", "i4"),
    _both(
        "acked_unseen", "tcp.analysis.ack_lost_segment: ACK for data that was not captured", "i4"
    ),
    _both("duplicate_acks", "tcp.analysis.duplicate_ack", "i4"),
    _both("keep_alives", "tcp.analysis.keep_alive", "i4"),
    _both("keep_alive_acks", "tcp.analysis.keep_alive_ack", "i4"),
    _both("zero_windows", "tcp.analysis.zero_window", "i4"),
    _both("zero_window_probes", "tcp.analysis.zero_window_probe", "i4"),
    _both("zero_window_probe_acks", "tcp.analysis.zero_window_probe_ack", "i4"),
    _both("window_full", "tcp.analysis.window_full", "i4"),
    _both("highest_ack", "highest acknowledgement number"),
    _both("window_updates", "tcp.analysis.window_update", "i4"),
    _one(
        "reused_ports",
        "1: another connection of the same end points came before in this file",
        "i1",
    ),
    _both("repeated_frame", "frame of the packet last retransmitted"),
    _both("repeated_payload", "largest payload among retransmitted packets, bytes", "i4"),
    _both(
        "largest_acked_payload",
        "largest payload that was acknowledged after it was sent once, bytes",
        "i4",
    ),
    _both(
        "stuck_payload",
        "payload of the segment that was sent most often and not acknowledged to the end, bytes",
        "i4",
    ),
    _both("stuck_count", "how often that segment was sent", "i4"),
    _both("longest_silence_ns", "longest gap before a payload in this direction"),
    _one("icmp_errors", "ICMP errors that quote this flow", "i4"),
    _one("icmp_frame", "frame of the first"),
    _one("icmp_type", "its type", "i2"),
    _one("icmp_code", "its code", "i2"),
    _one("event_count", "events recorded for this flow so far", "i4"),
    _one("first_rtt_ns", "initial round-trip time, last SYN to the ACK of the SYN-ACK"),
)

FLOW: Final = np.dtype(
    [(c.name, c.type, c.shape) if c.shape else (c.name, c.type) for c in COLUMNS]
)

_COUNTS: Final = (
    "mac_changes", "packets", "bytes", "frame_bytes", "cut", "copies", "duplicates", "fragments",
    "fragment_overlaps", "completeness", "keep_alive_acks", "zero_window_probe_acks",
    "largest_payload", "largest_packet", "syn_count", "syn_ack_count", "handshake", "prefix_length",
    "turns", "close", "fins", "resets", "retransmissions", "fast_retransmissions",
    "spurious_retransmissions", "data_retransmissions", "out_of_order", "lost_segments",
    "acked_unseen", "duplicate_acks", "keep_alives", "zero_windows", "zero_window_probes",
    "window_full", "window_updates", "reused_ports", "repeated_payload", "largest_acked_payload",
    "stuck_payload", "stuck_count", "longest_silence_ns", "icmp_errors", "event_count", "tunnel",
    "address", "outer_version", "outer", "http_requests", "http_replies", "http_errors",
)  # fmt: skip


LEAST_SPOKEN: Final = 2
MOST_SPOKEN: Final = 1 << 31
"""Acknowledged octets that are believed uncaptured; more of them come of a number before the SYN's."""

MOST_KEPT: Final = 1 << 28
"""Bytes of columns that a table keeps: with a million flows memory is dearer than time."""


class FlowTable:
    """The flow table, read by columns.

    A record has a thousand octets, so that walking down a field of all costs more than its use: a column is
    put together when it is first asked for, and kept.
    """

    def __init__(self, records: NDArray[Any]) -> None:
        """`records`: 1-d, dtype FLOW, not to be changed once a column was asked for."""
        self.records = records
        self._columns: dict[str, NDArray[Any]] = {}
        self._room = MOST_KEPT

    def __len__(self) -> int:
        return len(self.records)

    def __getitem__(self, name: str) -> NDArray[Any]:
        """Return a column, one entry a record; not to be written to."""
        if name in self._columns:
            return self._columns[name]
        column = np.ascontiguousarray(self.records[name])
        column.flags.writeable = False
        if column.nbytes <= self._room:
            self._room -= column.nbytes
            self._columns[name] = column
        return column

    @cached_property
    def spoke(self) -> NDArray[np.bool_]:
        """Tell who sent payload, shape (records, 2): to the responder, to the initiator.

        It was captured, or the other side acknowledged it, or the numbers leave room for it: a capture may
        lack what was sent (RFC 9293 3.4).  One octet beyond the SYN may be a FIN that was not captured, so
        that it says nothing, and neither does a hole without a FIN behind it.
        """
        isn, highest = self["isn"], self["highest_ack"][:, ::-1]
        acknowledged = (highest - isn - 1) & 0xFFFFFFFF
        known = (isn >= 0) & (highest >= 0)
        beyond = known & (acknowledged >= LEAST_SPOKEN) & (acknowledged < MOST_SPOKEN)
        hole = (self["lost_segments"] > 0) & (self["fins"] > 0)
        spoke: NDArray[np.bool_] = (self["bytes"] > 0) | beyond | hole
        return spoke

    @cached_property
    def served(self) -> NDArray[np.bool_]:
        """Tell whether the responder sent payload while the initiator was there, one entry a record.

        Whoever had left, and answers what comes then with RST, was not served; one that only said that it
        will say no more (RFC 9293 3.6) still listens.
        """
        first, reset = self["first_data_ns"][:, 1], self["reset_ns"][:, 0]
        too_late = (first > self.end_ns[:, 0]) & (reset >= first)
        served: NDArray[np.bool_] = self.spoke[:, 1] & ~too_late
        return served

    @cached_property
    def end_ns(self) -> NDArray[np.int64]:
        """Return when each side sent its first FIN or RST, shape (records, 2); NEVER: it did not."""
        finish, reset = self._ends
        ends: NDArray[np.int64] = np.minimum(finish, reset)
        return ends

    @cached_property
    def end_frame(self) -> NDArray[np.int64]:
        """Return the frames of those, a FIN's where both came at one time; -1: none."""
        finish, reset = self._ends
        return np.where(finish <= reset, self["fin_frame"], self["reset_frame"]).astype(np.int64)

    @cached_property
    def _ends(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        found = [self[name].astype(np.int64) for name in ("fin_ns", "reset_ns")]
        finish, reset = (np.where(time < 0, NEVER, time) for time in found)
        return finish, reset


def _empty() -> NDArray[Any]:
    empty = np.zeros(1, FLOW)
    for column in COLUMNS:
        if column.name not in _COUNTS:
            empty[column.name] = -1
    return empty


EMPTY: Final = _empty()
"""One record before its first packet: counts and first words of a list 0, all else unknown."""
