"""The Report put together from concurrent.futures import Future
from concurrent.futures import Future
from hand-made tables."""

import re
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcapdiag.flows.result import CaptureFacts
from pcapdiag.read import Account, Interface
from pcapdiag.report.assemble import assemble, shown_names, timestamp
from pcapdiag.report.model import FrameCitation, Limit, Report
from pcapdiag.rules import Judgement
from pcapdiag.sessions.model import Back, Session
from pcapdiag.settings import Settings
from pcapdiag.topology.model import Gateway, Role, Topology
from tests.report.stories import LEADING
from tests.sessions.table import S, leg, traffic

CLIENT, VIP, SERVER = ip_address("198.51.100.1"), ip_address("192.0.2.10"), ip_address("192.0.2.30")
TOPOLOGY = Topology(
    vips=(Role(VIP, 25, "1 front flow to it went on to a server"),),
    balancers=(Role(VIP, None, "it is a VIP"),),
    servers=(Role(SERVER, 25, "1 back flow to it"),),
    gateways=(Gateway(0x0200_5E00_5301, (ip_address("192.0.2.1"),), "a client comes through it"),),
    on_link=frozenset(),
    routed=frozenset({CLIENT}),
    balancer_macs=frozenset(),
    health_checks=frozenset({2}),
)
SESSIONS = [
    Session(1, 0, (Back(1, 0.98765, ("kept-client", "time")),), "transparent", "failed"),
    Session(2, -1, (Back(2, 0.0, ()),), "snat", "ok", health_check=True),
]


def report(settings: Settings | None = None, name: str = "some/folder/lb.pcap") -> Report:
    found = traffic(
        leg(f"{CLIENT}:1000", f"{VIP}:25", S),
        leg(f"{CLIENT}:1000", f"{SERVER}:25", S + 1, handshake="unanswered"),
        leg(f"{VIP}:2000", f"{SERVER}:25", S + 2),
    )
    digest = Future[str]()
    digest.set_result("ab" * 32)
    account = Account(format="pcap", packets=9, bytes=900, first_ns=S, last_ns=2 * S, digest=digest)
    capture = CaptureFacts(name, account, (Interface(276, 0), Interface(1, 96)), {})
    finding = replace(LEADING, sessions=(1,), frames=(FrameCitation(name, 3, "SYN"),))
    judgement = Judgement(
        (finding,), (Limit("l", "s", (FrameCitation(name, 1, ""),)),), (("r", "m"),)
    )
    found = replace(found, captures=(capture,))
    return assemble(found, TOPOLOGY, SESSIONS, judgement, settings or Settings())


def test_sessions_without_health_checks() -> None:
    (line,) = report().sessions
    assert line.front is not None
    assert (line.id, line.front.source, line.backs[0].destination) == (1, str(CLIENT), str(SERVER))
    assert (line.mode, line.outcome, line.rules) == ("transparent", "failed", (LEADING.rule,))
    assert (line.confidence, line.matched_by) == (0.9877, ("kept-client", "time"))


def test_capture_line() -> None:
    (line,) = report(Settings(points=(("some/folder/lb.pcap", "balancer"),))).captures
    assert line.file == "lb.pcap"
    assert line.link_types == ("EN10MB", "LINUX_SLL2")
    assert (line.packets, line.bytes, line.snaplen, line.point) == (9, 900, 96, "balancer")
    assert line.first == "1970-01-01T00:00:01.000000000Z"
    assert report().captures[0].point is None


def test_topology_view() -> None:
    view = report().topology
    assert [(v.address, v.port) for v in view.vips] == [(str(VIP), 25)]
    assert [(g.mac, g.addresses) for g in view.gateways] == [("02:00:5e:00:53:01", ("192.0.2.1",))]
    assert (view.clients.total, view.clients.on_link, view.clients.routed) == (1, 0, 1)


def test_verdict_findings_limits_and_what_was_not_judged() -> None:
    found = report()
    assert (found.verdict.rule, found.verdict.sentence) == (LEADING.rule, LEADING.summary)
    assert found.not_judged == (("r", "m"),)
    assert found.tool["name"] == "pcapdiag"


def test_no_folder_of_the_user_s_in_the_report() -> None:
    found = report(name="/home/someone/case-4711/lb.pcap")
    assert "/home" not in repr(found)
    assert found.findings[0].frames[0].file == "lb.pcap"
    assert found.limits[0].frames[0].file == "lb.pcap"


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (["/a/b/lb.pcap"], ["lb.pcap"]),
        (["/a/lb.pcap", "/b/lb.pcap"], ["a/lb.pcap", "b/lb.pcap"]),
        (["x/y/lb.pcap", "z/y/lb.pcap", "c.pcap"], ["x/y/lb.pcap", "z/y/lb.pcap", "c.pcap"]),
        (["-"], ["-"]),
        (["lb.pcap", "a/lb.pcap"], ["lb.pcap", "a/lb.pcap"]),
    ],
)
def test_shown_names(names: list[str], shown: list[str]) -> None:
    assert shown_names(names) == shown


@given(st.lists(st.from_regex(r"/?([ab]/){0,3}[ab]", fullmatch=True), unique=True, max_size=6))
def test_shown_names_tell_files_apart(names: list[str]) -> None:
    shown = shown_names(names)
    assert len(set(shown)) == len(set(names))
    assert all(name.endswith(short) for name, short in zip(names, shown, strict=True))


@given(st.integers(0, 253_402_300_799_999_999_999))
def test_timestamps_are_rfc_3339_to_the_nanosecond(time_ns: int) -> None:
    text = timestamp(time_ns)
    assert text is not None
    match = re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{9})Z", text)
    assert match is not None
    moment = datetime.fromisoformat(match[1]).replace(tzinfo=UTC)
    seconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
    assert seconds * 1_000_000_000 + int(match[2]) == time_ns


def test_times_that_are_none() -> None:
    assert timestamp(-1) is None
    assert timestamp(2**63 - 1) is not None
