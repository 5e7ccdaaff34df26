"""The scratch record."""

from pcapdiag.layers.packet import PACKET, plain_packet, start, stop


def test_both_forms_have_the_same_names() -> None:
    assert set(plain_packet()) == set(PACKET.names or ())


def test_start_forgets_what_a_layer_may_leave_unsaid() -> None:
    packet = plain_packet()
    packet.update(vlan=7, source_mac=1, fragment=1, reason=3, tunnel=4, quoted_version=4)
    start(packet)
    assert [packet[name] for name in ("vlan", "source_mac", "tunnel_id")] == [-1, -1, -1]
    assert [packet[name] for name in ("fragment", "reason", "tunnel", "quoted_version")] == [0] * 4


def test_stop_names_the_reason() -> None:
    packet = plain_packet()
    assert stop(packet, 5) == 0
    assert packet["reason"] == 5
