"""Every encapsulation: what is inside, what is outside, and that tshark finds the same inside."""

import subprocess
from pathlib import Path
from struct import pack
from typing import Final

import pytest

from pcapdiag.layers import tunnel
from pcapdiag.layers.dispatch import decode
from pcapdiag.layers.packet import DONE_TCP, STOP, plain_packet
from tests.layers.frames import Decoded, decoded, place
from tests.layers.stacks import ALL, KNOWN, OUTER, Stack
from tests.layers.test_dispatch import Guarded

SOURCES: Final = {4: [0xC6336407, 0, 0, 0], 6: [0x20010DB8, 0, 0, 7]}


def outer_of(found: Decoded) -> bytes:
    words = 1 if found["outer_version"] == 4 else 4
    ends = found["outer_source"][:words] + found["outer_destination"][:words]
    return b"".join(pack("!I", word) for word in ends)


@pytest.mark.parametrize("stack", ALL, ids=lambda stack: stack.name)
def test_inner_and_outer(stack: Stack) -> None:
    found = decoded(stack.data, stack.link_type)
    assert found.outcome == DONE_TCP, found.reason
    assert (found["ip_version"], found["source"]) == (stack.version, SOURCES[stack.version])
    assert (found["source_port"], found["seq"], found["payload"]) == (32768, 4096, 4)
    assert tunnel.WORDS[found["tunnel"]] == stack.tunnel
    assert (found["tunnel_id"], found["outer_version"]) == (stack.number, stack.outer)
    if stack.outer:
        assert outer_of(found) == OUTER[stack.outer]


@pytest.mark.parametrize("stack", ALL, ids=lambda stack: stack.name)
def test_padding_is_no_payload(stack: Stack) -> None:
    assert decoded(stack.data + bytes(9), stack.link_type)["payload"] == 4


@pytest.mark.parametrize("stack", ALL, ids=lambda stack: stack.name)
def test_cut_anywhere(stack: Stack) -> None:
    """Nothing behind the cut is read, and what is missing has a name."""
    whole = len(stack.data)
    for cut in range(whole):
        scratch = plain_packet()
        place(scratch, stack.data[:cut], whole)
        found = Guarded(stack.data, cut)
        outcome = decode(stack.link_type, found, scratch)
        result = Decoded(outcome, scratch)
        # The last four octets are payload, the four before them none that is looked at.
        assert outcome == (DONE_TCP if cut >= whole - stack.behind - 8 else STOP)
        if outcome == STOP:
            assert result.reason


def pcap(path: Path, link_type: int, stacks: list[Stack]) -> Path:
    """Write packets of one link type."""
    parts = [pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, link_type)]
    for number, stack in enumerate(stacks):
        parts += [pack("<IIII", number, 0, len(stack.data), len(stack.data)), stack.data]
    path.write_bytes(b"".join(parts))
    return path


@pytest.mark.tshark
@pytest.mark.parametrize("link_type", sorted({stack.link_type for stack in KNOWN}))
def test_tshark_finds_the_same_inside(link_type: int, tmp_path: Path) -> None:
    stacks = [stack for stack in KNOWN if stack.link_type == link_type]
    path = pcap(tmp_path / "stacks.pcap", link_type, stacks)
    fields = ["frame.number", "tcp.srcport", "tcp.dstport", "tcp.len", "tcp.seq_raw"]
    fields += ["ip.src", "ipv6.src", "vlan.id"]
    command = ["tshark", "-n", "-r", str(path), "-T", "fields", "-E", "occurrence=l"]
    command += [word for field in fields for word in ("-e", field)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    inner = {4: "198.51.100.7", 6: "2001:db8::7"}
    strange = []
    for stack, line in zip(stacks, ran.stdout.splitlines(), strict=True):
        _, *tcp, four, six, _ = line.split("\t")
        if tcp != ["32768", "25", "4", "4096"] or inner[stack.version] not in (four, six):
            strange.append(f"{stack.name}: {line}")
    assert strange == []
