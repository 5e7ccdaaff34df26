"""Packets read again by position are the bytes that were read first."""

import io
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st

from pcapdiag.read import Unreadable, open_capture, packets_at
from tests.read.forge import PACKED, Forged, files, interface, keep, packet, section_header

many = limits(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def positions(name: str) -> dict[int, bytes]:
    """Return position and bytes of every packet, as the first reading gives them."""
    found = {}
    for batch in open_capture(name):
        for record in batch.records:
            at, length = int(record["at"]), int(record["captured"])
            found[batch.base + at] = batch.data[at : at + length].tobytes()
    return found


@many
@given(forged=files, packing=st.sampled_from(sorted(PACKED)), data=st.data())
def test_any_packets_in_any_order(
    tmp_path: Path, forged: Forged, packing: str, data: st.DataObject
) -> None:
    name = keep(tmp_path, PACKED[packing](forged.data))
    truth = positions(name)
    wanted = data.draw(st.lists(st.sampled_from(sorted(truth)))) if truth else []
    assert packets_at(name, wanted) == {at: truth[at] for at in wanted}
    assert packets_at(name, wanted, 10) == {at: truth[at][:10] for at in wanted}


@pytest.mark.parametrize("packing", sorted(PACKED))
def test_packets_far_apart(tmp_path: Path, packing: str) -> None:
    body = bytes(range(250)) * 8000
    far = [packet("<", 0, 1, body, len(body)), packet("<", 0, 1, b"last", 4)]
    name = keep(
        tmp_path, PACKED[packing](section_header("<") + interface("<") + far[0] * 3 + far[1])
    )
    truth = positions(name)
    last = max(truth)
    assert packets_at(name, [last]) == {last: b"last"}
    assert packets_at(name, list(truth)) == truth


@many
@given(forged=files, at=st.integers(0, 3000))
def test_a_position_without_a_packet_does_no_harm(tmp_path: Path, forged: Forged, at: int) -> None:
    found = packets_at(keep(tmp_path, forged.data), [at, 10**12])
    assert set(found) <= {at}
    assert all(body in forged.data for body in found.values())


def test_standard_input_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    data = section_header("<") + interface("<") + packet("<", 0, 1, b"kept", 4)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data)))
    (position,) = positions("-")
    assert packets_at("-", [position]) == {position: b"kept"}


def test_a_changed_file_is_told(tmp_path: Path) -> None:
    name = keep(tmp_path, b"something else, longer than a header")
    with pytest.raises(Unreadable, match="no longer the capture"):
        packets_at(name, [100])
