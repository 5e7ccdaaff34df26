"""NetScaler headers before frames: skipped to the same TCP header, whatever the version tells."""

import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from pcapdiag.layers import packet as layer
from pcapdiag.layers import reasons
from pcapdiag.layers.dispatch import decode
from pcapdiag.read.nstrace import LINK_TYPES
from tests.layers.frames import PACKET
from tests.read import forge_nstrace as forge

TOLD = forge.Told(names=(b"web", b"database"), nodes=(1, 2), flags=3)


def read(revision: int, data: bytes) -> tuple[int, layer.Packet]:
    packet = layer.plain_packet()
    layer.start(packet)
    packet["at"], packet["end"], packet["wire_end"] = 0, len(data), len(data)
    link_type = LINK_TYPES + forge.release_of(revision)
    return decode(link_type, memoryview(data), packet), packet


@pytest.mark.parametrize("wire", [-1, 3000])
@pytest.mark.parametrize("revision", forge.REVISIONS)
def test_the_frame_is_found(revision: int, wire: int) -> None:
    record = forge.packet(revision, PACKET, 0, 0, TOLD, wire)
    done, packet = read(revision, record)
    assert done == layer.DONE_TCP
    assert (packet["source_port"], packet["destination_port"]) == (32768, 25)


@limits(deadline=None)
@given(revision=st.sampled_from(forge.REVISIONS), wire=st.sampled_from((-1, 3000)), data=st.data())
def test_a_header_cut_or_changed_stops(revision: int, wire: int, data: st.DataObject) -> None:
    record = bytearray(forge.packet(revision, PACKET, 0, 0, TOLD, wire))
    at = data.draw(st.integers(0, len(record) - len(PACKET) - 1))
    record[at] = data.draw(st.integers(0, 255))
    read(revision, bytes(record))
    done, packet = read(revision, bytes(record[:at]))
    assert done == layer.STOP
    assert packet["reason"] in (reasons.LINK_TRUNCATED, reasons.NOT_IP)


def test_the_middle_of_a_packet_is_not_taken_for_its_beginning() -> None:
    record = bytearray(forge.packet(23, PACKET, 0, 0, TOLD, 3000))
    record[14] = 1
    assert read(23, bytes(record))[1]["reason"] == reasons.NOT_IP


def test_records_without_a_frame_are_named() -> None:
    record = bytearray(forge.packet(35, PACKET, 0, 0, forge.Told()))
    for kind in (0, 2, 0xFF):
        record[34] = kind
        assert read(35, bytes(record))[1]["reason"] == reasons.NOT_IP
    record[34] = 0x83
    record[35:37] = b"\x02\x00"
    assert read(35, bytes(record))[1]["reason"] == reasons.LINK_TRUNCATED
