"""Captures that other people published: what is said of them must be true of them.

None shows a balancer at work.  Each was looked at packet by packet; the comment says what is in it.
"""

from pathlib import Path

import pytest

from pcapdiag import analyze

PUBLIC = Path(__file__).parents[3] / "shared" / "captures"
NDPI = "ntop-nDPI/tests/cfgs/default/pcap"
SURICATA = "OISF-suricata-verify/tests"

SILENT = {
    # A controller that does not answer two SYNs, and then does.
    "ITI-ICS-Security-Tools/pcaps/s7/s7comm_reading_plc_status.pcap": "vip-syn-unanswered",
    # A twentieth of a second of a university's uplink; one of 14 calls is refused.
    "LibtraceTeam-libtrace/test/traces/sll.pcap.gz": "vip-port-closed",
    # A workstation that is gone at the end of a long capture.
    f"{SURICATA}/smb-filename/input.pcap": "vip-syn-unanswered",
    f"{SURICATA}/ssl_version_negated/input.pcap": "vip-syn-unanswered",
    # A plain web server that answers 500 to one request; captures of several days put together.
    "arkime-arkime/tests/pcap/arkime_synthetic.pcap": "no-server-available",
    # One SYN, and six seconds later the client's own RST.
    "emanuele-f-PCAPdroid/app/src/main/jni/tests/pcap/metadata.pcap": "vip-syn-unanswered",
    # A generator of SYNs, one each 66 ms, no client.
    "github-glb-director/src/glb-director/tests/data/1k_pkts.pcap": "vip-syn-unanswered",
    # A workstation that looks for a neighbour.
    "nfstream-nfstream/tests/pcaps/anyconnect-vpn.pcap": "vip-syn-unanswered",
    # Three calls to three ports of an address that does not exist.
    f"{NDPI}/custom_rules_same-ip_multiple_ports.pcapng": "vip-syn-unanswered",
    # File sharing: most peers are gone or behind filters.
    f"{NDPI}/gnutella.pcap": "vip-port-closed",
    # Every frame captured twice; the segments of 2843 bytes are acknowledged.
    f"{NDPI}/heuristic_tcp_ack_payload.pcap": "path-mtu-black-hole",
    # Refused once, then served from the same port; two are reset when they go on after a minute's pause.
    f"{NDPI}/rtsp.pcap": "vip-port-closed",
    # Two single SYNs.
    "the-tcpdump-group-tcpdump/tests/scps_invalid.pcap": "vip-syn-unanswered",
}
"""Captures, and what was once wrongly said of them."""

TRUE = {f"{NDPI}/rtsp.pcap": {"service-closed-early"}}
"""What may be said: it is so."""


def rules_said(name: str) -> dict[str, str]:
    if not PUBLIC.is_dir():
        pytest.skip(f"../shared/captures is not beside this checkout: {name} was not judged")
    return {finding.rule: finding.certainty for finding in analyze([PUBLIC / name]).findings}


@pytest.mark.parametrize("name", SILENT, ids=lambda name: name.rpartition("/")[2])
def test_nothing_is_said_of_captures_without_a_balancer(name: str) -> None:
    assert SILENT[name] not in rules_said(name)
    assert set(rules_said(name)) == TRUE.get(name, set())


def test_a_port_that_refuses_every_call_is_closed() -> None:
    """An F5 laboratory: seven calls to port 8080, seven times RST."""
    name = "f5devcentral-f5-agility-labs-adc/docs/_static/class4/hackazon2.pcap"
    assert rules_said(name) == {"vip-port-closed": "proved"}
