"""Packets, bytes and retransmissions of each flow are tshark's.

On all lab examples and a fixed sample of public captures; `python -m tests.flows.compare FOLDER`
compares a whole folder.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from pcapdiag.read import Unreadable
from tests.flows.compare import FINDINGS, PROMISED, compare, files

SHARED: Final = Path(__file__).resolve().parents[3] / "shared"
SAMPLE: Final = 8
"""Every so many-th public capture is compared, and no larger ones than this."""
LARGEST: Final = 200_000
SHARE: Final = 0.99

REASONS: Final = {
    "AlexeyVasilev-PcapFlowLab/tests/data/parsing/": "tunnels come later",
    "dotpcap-packetnet/Test/CaptureFiles/vxlan.pcap": "tunnels come later",
    "dotpcap-packetnet/Test/CaptureFiles/gre_custom_protocol.pcap": "tunnels come later",
    "07212423-tx-gwlb-for-demo/geneve.pcap": "tunnels come later",
    "LibtraceTeam-libtrace/test/traces/ip-in-mpls.pcap.gz": "tunnels come later",
    "OISF-suricata-verify/tests/bug-4571": "tunnels come later",
    "OISF-suricata-verify/tests/vxlan": "tunnels come later",
    "OISF-suricata-verify/tests/decode-etag-02/": "802.1BR tags come later",
    "OISF-suricata-verify/tests/defrag/": "IP fragments are not put together",
    "seladb-PcapPlusPlus/Tests/ExamplesTest/": "IP fragments are not put together",
    "ntop-nDPI/tests/cfgs/default/pcap/ip_fragmented_garbage.pcap": "fragments are not put together",
    "the-tcpdump-group-tcpdump/tests/gso-ipv": "tunnels come later",
    "yanet-platform-yanet/": "tunnels come later",
    "mtottenh-pcapsql/fuzz/": "tunnels and NFLOG come later",
    "seladb-PcapPlusPlus/Tests/Packet--Test/": "tunnels come later",
}
"""Beginning of a path -> why its flows may differ."""


def unexplained(path: Path, root: Path) -> bool:
    name = str(path.relative_to(root))
    return not any(name.startswith(beginning) for beginning in REASONS)


@pytest.mark.tshark
@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared is not beside the checkout")
def test_lab_examples_are_equal_in_every_finding() -> None:
    for path in files(SHARED / "lab-examples"):
        found = compare(path, (*PROMISED, *FINDINGS))
        assert found.differing == {}, path.name


@pytest.mark.tshark
@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared is not beside the checkout")
def test_public_captures_are_equal(record_property: Callable[[str, object], None]) -> None:
    root = SHARED / "captures"
    flows = equal = 0
    strange = []
    chosen = [path for path in files(root) if path.stat().st_size <= LARGEST][::SAMPLE]
    for path in chosen:
        if not unexplained(path, root):
            continue
        try:
            found = compare(path)
        except Unreadable:  # not a pcap or pcapng file
            continue
        flows += found.flows
        equal += found.flows - len(found.differing)
        strange += [f"{path.relative_to(root)}: {text}" for text in found.differing.values()]
    record_property("share", equal / flows)
    assert flows > 100
    assert equal / flows >= SHARE, strange
