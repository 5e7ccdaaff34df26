"""The columns of the flow table."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcapdiag.flows import table
from pcapdiag.flows.table import COLUMNS, EMPTY, FLOW, FlowTable
from tests.flows.stories import ACK, FIN, SYN, Packet, dialogue, flows, only, traffic


def test_every_column_says_what_it_means() -> None:
    names = [column.name for column in COLUMNS]
    assert len(set(names)) == len(names)
    assert all(column.meaning for column in COLUMNS)


def test_unknown_fits_every_type() -> None:
    signed = [name for name in FLOW.names or () if name not in ("address", "outer")]
    assert all(np.issubdtype(FLOW[name].base, np.signedinteger) for name in signed)


def test_before_its_first_packet_a_record_knows_nothing() -> None:
    assert EMPTY["packets"].tolist() == [[0, 0]]
    assert EMPTY["isn"].tolist() == [[-1, -1]]
    assert EMPTY["hop"].tolist() == [-1]


def test_a_whole_dialogue_leaves_little_unknown() -> None:
    flow = only(dialogue())
    unknown = {name for name in FLOW.names or () if np.all(flow[name] == -1)}
    assert unknown == {
        "hop", "first_hop", "next_hop", "vlan", "link_direction", "tunnel_id", "mss",
        "window_scale", "timestamp", "repeated_frame", "icmp_frame", "icmp_type", "icmp_code",
        "reset_frame", "reset_ns", "reset_ttl", "http_status", "http_error_status",
        "http_error_frame", "reply_cut", "reply_missing", "tls_alert", "tls_alert_frame",
    }  # fmt: skip


@given(st.sets(st.integers(0, len(dialogue()) - 1)))
def test_who_spoke_is_known_from_what_the_other_side_acknowledged(lost: set[int]) -> None:
    kept = [packet for number, packet in enumerate(dialogue()) if number not in lost]
    both = [any(p.payload for p in dialogue() if p.back == back) for back in (False, True)]
    for spoke, flow in zip(traffic(kept).flows.spoke, flows(kept), strict=True):
        assert np.all(spoke <= both)
        assert np.all(spoke >= (flow["bytes"] > 0))


def test_payload_that_was_not_captured_was_sent_when_it_is_acknowledged() -> None:
    ends = [packet for packet in dialogue() if packet.flags & (SYN | FIN)]
    assert not only(ends)["bytes"].any()
    assert traffic(ends).flows.spoke.tolist() == [[True, True]]
    syns = [packet for packet in ends if packet.flags & SYN]
    assert traffic(syns).flows.spoke.tolist() == [[False, False]]
    # One octet beyond may be a FIN that was lost.
    fin = Packet(20, FIN | ACK, 101, 502)
    assert traffic([*syns, fin]).flows.spoke.tolist() == [[False, False]]


def test_a_hole_before_a_fin_was_payload_though_nobody_acknowledged_it() -> None:
    syns = [packet for packet in dialogue() if packet.flags & SYN]
    behind = Packet(20, FIN | ACK, 801, 101, back=True)
    assert traffic([*syns, behind]).flows.spoke.tolist() == [[False, True]]
    # A FIN that was lost leaves a hole, too.
    last = Packet(20, ACK, 502, 101, back=True)
    assert traffic([*syns, last]).flows.spoke.tolist() == [[False, False]]


@pytest.mark.parametrize("room", [0, 1000, 1 << 28])
def test_columns_are_those_of_the_records_however_many_are_kept(
    room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "MOST_KEPT", room)
    records = np.repeat(EMPTY, 50)
    records["first_ns"] = np.arange(50)
    flows = FlowTable(records)
    assert len(flows) == 50
    for name in [*(FLOW.names or ()), "first_ns"]:
        assert np.array_equal(flows[name], records[name])
        assert flows[name].flags.c_contiguous
        assert not flows[name].flags.writeable
    assert (flows["first_ns"] is flows["first_ns"]) == (room == 1 << 28)
