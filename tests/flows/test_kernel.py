"""The loop: any bytes, in any order, give tables that hold together; compiled gives the same."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pcapdiag.flows import build
from pcapdiag.flows.build import Walker, read_traffic
from pcapdiag.flows.result import Traffic
from pcapdiag.read import open_capture
from tests.flows.stories import Frames, Packet, dialogue, handshake, rows, says
from tests.flows.test_copies import routed
from tests.layers.stacks import ALL
from tests.layers.test_dispatch import SEEDS
from tests.layers.test_tunnel import pcap

LAB: Final = Path(__file__).resolve().parents[2].parent / "shared" / "lab-examples"
TABLES: Final = ("flows", "events", "neighbors", "icmp")


KERNELS: Final = ("whole", "common", "common, then whole")


@contextmanager
def compiled_as(kernel: str) -> Iterator[None]:
    """Let compiled reading begin with the kernel for common packets, and keep it or not."""

    class Common(Walker):
        def __post_init__(self) -> None:
            super().__post_init__()
            self.whole = False

    with pytest.MonkeyPatch.context() as patch:
        if kernel != "whole":
            patch.setattr(build, "Walker", Common)
            patch.setattr(build, "MOST_SHARE", 0.0 if "then" in kernel else 1.0)
            patch.setattr(build, "FEW", 0)
        yield


def differing(first: Traffic, second: Traffic) -> list[str]:
    """Name the columns that are not equal."""
    found = []
    for table in TABLES:
        one, other = rows(first, table), rows(second, table)
        if len(one) != len(other):
            found.append(f"{table}: {len(one)} and {len(other)} rows")
            continue
        found += [
            f"{table}.{name}"
            for name in one.dtype.fields or ()
            if not np.array_equal(one[name], other[name])
        ]
    if [each.undecoded for each in first.captures] != [each.undecoded for each in second.captures]:
        found.append("undecoded")
    return found


@st.composite
def frames(draw: st.DrawFn) -> list[tuple[float, bytes, int | None, int]]:
    """Return packets of a routed dialogue and others: shuffled, repeated, damaged, cut."""
    good = [packet.frame() for packet in routed([*dialogue(), says(90, 107, 526, b"x" * 1500)])]
    good += [data for link_type, data in SEEDS if link_type == 1]
    chosen = draw(st.lists(st.sampled_from(good), max_size=30))
    found = []
    for number, data in enumerate(chosen):
        octets = bytearray(data)
        for at in draw(st.lists(st.integers(0, len(octets) - 1), max_size=2)):
            octets[at] = draw(st.integers(0, 255))
        cut = draw(st.one_of(st.none(), st.integers(0, len(octets))))
        found.append((draw(st.integers(0, 2000)) + number / 10, bytes(octets), cut, 0))
    return found


def holds_together(found: Traffic, packets: int) -> bool:
    whole = found.flows["hop"] == -1
    flows = found.flows.records[whole]
    counted = int(flows["packets"].sum()) + len(found.neighbors) + len(found.icmp)
    return bool(
        counted + sum(found.captures[0].undecoded.values()) == packets
        and np.all(found.events["record"] < len(found.flows))
        and np.all(found.flows["whole"][whole] == np.flatnonzero(whole))
    )


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(frames())
def test_every_packet_is_counted_once(packets: list[tuple[float, bytes, int | None, int]]) -> None:
    assert holds_together(read_traffic([Frames(packets)], compiled=False), len(packets))


@pytest.mark.parametrize("kernel", KERNELS)
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(packets=frames(), batch=st.sampled_from((3, 1000)))
def test_compiled_is_the_same_on_damaged_packets(
    kernel: str, packets: list[tuple[float, bytes, int | None, int]], batch: int
) -> None:
    plain = read_traffic([Frames(packets, batch=batch)], compiled=False)
    with compiled_as(kernel):
        found = read_traffic([Frames(packets, batch=batch)], compiled=True)
    assert differing(plain, found) == []


@pytest.mark.parametrize("kernel", KERNELS[1:])
def test_what_the_kernel_for_common_packets_puts_off_is_the_same(kernel: str) -> None:
    for stack in ALL:
        frames: list[tuple[float, bytes, int | None, int]]
        frames = [(float(n), stack.data, None, 0) for n in range(3)]
        capture = Frames(frames, link_type=stack.link_type, batch=2)
        plain = read_traffic([capture], compiled=False)
        with compiled_as(kernel):
            found = read_traffic([capture], compiled=True)
        assert differing(plain, found) == [], stack.name


def test_compiled_is_the_same_on_stories() -> None:
    story = [*routed(dialogue()), *handshake(900, ends=("192.0.2.1", 7, "192.0.2.2", 8))]
    for batch in (1, 5, 1000):
        plain, compiled = (
            read_traffic([Frames(made(story), batch=batch)], compiled=choice)
            for choice in (False, True)
        )
        assert differing(plain, compiled) == []


@pytest.mark.parametrize("link_type", sorted({stack.link_type for stack in ALL}))
def test_compiled_is_the_same_in_every_encapsulation(link_type: int, tmp_path: Path) -> None:
    """Also with a frame check sequence announced, which takes four octets of what is there."""
    for checked in (0, 0x24000000):
        stacks = [stack for stack in ALL if stack.link_type == link_type]
        path = pcap(tmp_path / f"{checked}.pcap", link_type | checked, stacks)
        plain, compiled = (
            read_traffic([open_capture(str(path))], compiled=choice) for choice in (False, True)
        )
        assert differing(plain, compiled) == []
        assert checked or plain.flows["packets"].sum() >= len(stacks)


def made(packets: list[Packet]) -> list[tuple[float, bytes, int | None, int]]:
    return [(p.at_ms, p.frame(), p.cut, p.interface) for p in packets]


@pytest.mark.skipif(not LAB.is_dir(), reason=f"{LAB.name} is not beside the checkout")
def test_compiled_is_the_same_on_lab_examples() -> None:
    paths = sorted(LAB.glob("s0[37]*/*.pcap"))
    assert paths
    for path in paths:
        results: list[Any] = [
            read_traffic([open_capture(str(path))], compiled=choice) for choice in (False, True)
        ]
        assert differing(*results) == [], path.name
