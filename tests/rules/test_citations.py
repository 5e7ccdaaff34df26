"""Cited frames: each once, bounded, and a filter that shows them."""

from hypothesis import given
from hypothesis import strategies as st

from pcapdiag.report.model import FrameCitation
from pcapdiag.rules.citations import MOST_FRAMES, display_filter, each_once

FRAMES = st.builds(
    FrameCitation, st.sampled_from(["a", "b"]), st.integers(1, 9), st.text(max_size=2)
)


@given(st.lists(FRAMES, max_size=30))
def test_each_frame_is_cited_once_with_its_first_note(frames: list[FrameCitation]) -> None:
    found = each_once(frames)
    places = [(frame.file, frame.number) for frame in found]
    assert places == sorted(set(places))
    assert len(found) <= MOST_FRAMES
    for one in found:
        same = [f for f in frames if (f.file, f.number) == (one.file, one.number)]
        assert one == same[0]


LEG = {
    "source": "198.51.100.40",
    "source_port": 9,
    "destination": "192.0.2.10",
    "destination_port": 25,
}


def test_legs_of_one_flow_are_filtered_once_with_what_hosts_ask() -> None:
    assert display_filter({"front": LEG, "back": LEG}) == (
        "(ip.addr == 198.51.100.40 && ip.addr == 192.0.2.10 && tcp.port == 9 && tcp.port == 25)"
        " || arp || icmp || icmpv6"
    )
    six = LEG | {"source": "2001:db8::1", "destination": "2001:db8::2"}
    assert "ipv6.addr == 2001:db8::1" in display_filter({"front": six, "back": None})


def test_without_a_session_the_host_is_filtered() -> None:
    assert "arp.dst.proto_ipv4 == 192.0.2.1" in display_filter({"host": {"address": "192.0.2.1"}})
    assert "icmpv6.nd" in display_filter({"host": {"address": "2001:db8::1"}})
    assert display_filter({"capture": {"file": "x"}}) == ""
