"""Reports made by hand: the mail story, a healthy capture, an undecided one, an empty one, a hostile one."""

from dataclasses import replace

from pcapdiag.report.model import (
    Actor,
    Arrow,
    CaptureLine,
    Clients,
    Endpoint,
    Exclusion,
    Finding,
    Fix,
    Flow,
    FrameCitation,
    GatewayLine,
    Limit,
    NextCapture,
    Picture,
    Report,
    SessionLine,
    TopologyView,
    Verdict,
)

FILE = "lb-any.pcap"
VIP = "10.20.2.173"
CLIENT_MAC, BALANCER_MAC = "02:50:56:20:02:03", "02:50:56:20:02:05"
TOOL = {"name": "pcapdiag", "version": "0.1.0"}
NOBODY = TopologyView((), (), (), (), Clients(0, 0, 0))

CAPTURE = CaptureLine(
    file=FILE,
    sha256="5f0c1e9a7b3d2846e1f7a09c4b6d8e2f13579bdf02468ace1122334455667788",
    format="pcap",
    link_types=("LINUX_SLL2",),
    packets=731,
    bytes=58_206,
    first="2026-11-22T23:30:31.866929000Z",
    last="2026-11-22T23:30:42.335278000Z",
    snaplen=262144,
    point="balancer",
)


def flow(
    source: str,
    source_port: int,
    destination: str,
    frames: tuple[int, int],
    *,
    handshake: str = "complete",
    close: str = "fin",
    syn_count: int = 1,
) -> Flow:
    answered = handshake == "complete"
    return Flow(
        file=FILE,
        source=source,
        source_port=source_port,
        destination=destination,
        destination_port=25,
        first_frame=frames[0],
        last_frame=frames[1],
        packets=(12, 11) if answered else (syn_count, 0),
        bytes=(188, 197) if answered else (0, 0),
        handshake=handshake,
        syn_count=syn_count,
        close=close,
        community_id=f"1:{source}:{source_port}",
        retransmissions=(syn_count - 1, 0),
        rtt_ns=35_000 if answered else None,
        macs=(CLIENT_MAC if answered else BALANCER_MAC, None),
    )


def failing(number: int) -> SessionLine:
    client, server = f"10.20.9.{40 + number % 8}", f"10.20.2.{74 + number % 2}"
    at = 1 + number * 3
    front = flow(client, 9784 + number, VIP, (at, 600 + number))
    back = flow(
        client,
        44548 + number,
        server,
        (at + 5, 500 + number),
        handshake="unanswered",
        close="open",
        syn_count=4,
    )
    return SessionLine(
        id=number,
        front=front,
        backs=(back,),
        mode="transparent",
        outcome="failed",
        rules=("return-path-bypasses-balancer",),
        confidence=0.999,
        matched_by=("kept-client", "time"),
    )


def working(number: int) -> SessionLine:
    client, server = f"10.20.2.{30 + number % 3}", f"10.20.2.{74 + number % 2}"
    return SessionLine(
        id=number,
        front=flow(client, 15317 + number, VIP, (number * 3, 133 + number)),
        backs=(flow(VIP, 47954 + number, server, (number * 3 + 3, 130 + number)),),
        mode="snat",
        outcome="ok",
        rules=("snat-for-local-clients",),
        confidence=0.999,
        matched_by=("stream-prefix", "lengths", "time"),
    )


FAILING_PICTURE = Picture(
    title="Session 1 fails: 10.20.9.41 to 10.20.2.173:25",
    session=1,
    works=False,
    actors=(
        Actor("client", "client", ("10.20.9.41",)),
        Actor("balancer", "balancer", ("10.20.2.173:25",)),
        Actor("server", "server", ("10.20.2.74:25",)),
        Actor("gateway", "gateway", ("10.20.2.1",)),
    ),
    arrows=(
        Arrow(1, "client", "balancer", "SYN", 3, 0, note="10.20.9.41:9784 > 10.20.2.173:25"),
        Arrow(2, "balancer", "client", "SYN-ACK", 4, 26_000),
        Arrow(3, "client", "balancer", "ACK", 5, 57_000),
        Arrow(4, "balancer", "server", "SYN", 8, 693_000, note="10.20.9.41:44548 > 10.20.2.74:25"),
        Arrow(5, "server", "gateway", "ARP who-has 10.20.2.1", 9, 712_000),
        Arrow(6, "server", "gateway", "SYN-ACK", None, None, False, "not in this capture"),
        Arrow(7, "gateway", "client", "SYN-ACK", None, None, False),
        Arrow(8, "balancer", "server", "SYN again (3 times)", 99, 1_030_749_000),
        Arrow(9, "balancer", "client", "FIN", 625, 9_001_357_000),
        Arrow(10, "client", "balancer", "FIN", 626, 9_001_890_000),
    ),
)

WORKING_PICTURE = Picture(
    title="Session 25 works: 10.20.2.30 to 10.20.2.173:25",
    session=25,
    works=True,
    actors=(
        Actor("client", "client", ("10.20.2.30",)),
        Actor("balancer", "balancer", ("10.20.2.173:25",)),
        Actor("server", "server", ("10.20.2.74:25",)),
    ),
    arrows=(
        Arrow(1, "client", "balancer", "SYN", 19, 0, note="10.20.2.30:15317 > 10.20.2.173:25"),
        Arrow(2, "balancer", "client", "SYN-ACK", 20, 20_000),
        Arrow(3, "client", "balancer", "ACK", 21, 38_000),
        Arrow(
            4, "balancer", "server", "SYN", 22, 489_000, note="10.20.2.173:47954 > 10.20.2.74:25"
        ),
        Arrow(5, "server", "balancer", "SYN-ACK", 23, 524_000),
        Arrow(6, "balancer", "server", "ACK", 24, 541_000),
        Arrow(7, "server", "balancer", "220 srv74.mail.example ESMTP ready", 25, 1_210_000),
        Arrow(8, "balancer", "client", "220 srv74.mail.example ESMTP ready", 27, 1_263_000),
        Arrow(9, "client", "balancer", "EHLO t0019.client.example", 29, 1_444_000),
    ),
)

LEADING = Finding(
    rule="return-path-bypasses-balancer",
    severity="error",
    scope="vip",
    subject="10.20.2.173:25",
    title="The servers' answers go past the balancer",
    summary=(
        "The balancer forwards these clients' SYN with their own address. The servers send the "
        "answer to their gateway 10.20.2.1 instead of the balancer, so the balancer repeats the "
        "SYN and gives up after 9.0 s."
    ),
    means=(
        "A transparent balancer must lie on the way back. Clients of the servers' own network work "
        "only because the balancer uses its own address for them.\n\nNothing is wrong with the "
        "servers: port 25 of both answers whenever the balancer asks with its own address."
    ),
    certainty="likely",
    sessions=tuple(range(1, 25)),
    affected=24,
    of=36,
    frames=(
        FrameCitation(FILE, 3, "the client's SYN to the VIP; the handshake completes in frame 5"),
        FrameCitation(
            FILE, 8, "the balancer's SYN to 10.20.2.74, source 10.20.9.41: the client's address"
        ),
        FrameCitation(FILE, 9, "ARP: who-has 10.20.2.1 tell 10.20.2.74, 0.019 ms after that SYN"),
        FrameCitation(FILE, 99, "the same SYN again, 1.0 s later; again in frames 329 and 614"),
        FrameCitation(
            FILE, 22, "for contrast: SYN to 10.20.2.74 from 10.20.2.173, answered in frame 23"
        ),
    ),
    facts={"syn_count": 4, "prefix": "10.20.9.0/24", "median_wait_s": 9.0, "unknown": None},
    excluded=(
        Exclusion(
            "The server or its port is down",
            "The same port answered 12 of 12 SYNs from 10.20.2.173.",
        ),
        Exclusion(
            "The server takes the client for a neighbour",
            "It asked for its router, not for 10.20.9.41.",
        ),
    ),
    fix=(
        Fix(
            "any",
            "Translate the source address (SNAT) of these clients, or make the balancer the "
            "servers' gateway.",
        ),
        Fix(
            "kemp",
            "Untick `Transparency` on the virtual service; to show the servers an interface address, "
            "tick `Subnet Originating Requests`.",
        ),
        Fix("f5", "tmsh modify ltm virtual NAME source-address-translation { type automap }"),
        Fix(
            "haproxy",
            "Remove `source 0.0.0.0 usesrc clientip` and pass the address with `send-proxy-v2`.",
        ),
    ),
    next_capture=(
        NextCapture(
            "at the router 10.20.2.1",
            "tcpdump -ni any -w router.pcap 'host 10.20.9.41 and tcp port 25'",
            "Shows the SYN-ACK from 10.20.2.74 to 10.20.9.41 pass, and the client's RST come back.",
        ),
    ),
    wireshark_filter="frame.number in {3,8,9,99,22,329,614}",
    references=("https://docs.progress.com/bundle/loadmaster-feature-description-transparency-ga",),
)

LOCAL = Finding(
    rule="snat-for-local-clients",
    severity="note",
    scope="vip",
    subject="10.20.2.173:25",
    title="Clients of the servers' own network reach the servers with the balancer's address",
    summary="12 clients inside 10.20.2.0/24 are translated to 10.20.2.173, 24 others are not.",
    means="Kemp LoadMaster switches transparency off for clients it finds on a local network.",
    certainty="proved",
    sessions=tuple(range(25, 37)),
    affected=12,
    of=36,
    frames=(FrameCitation(FILE, 22, "SYN to 10.20.2.74 from 10.20.2.173, for client 10.20.2.30"),),
    facts={},
    excluded=(),
    fix=(),
    next_capture=(),
    wireshark_filter="",
    references=(),
)

STORY = Report(
    verdict=Verdict(
        "return-path-bypasses-balancer",
        "likely",
        "Clients outside 10.20.2.0/24 cannot use 10.20.2.173:25: the servers answer them through their own "
        "gateway 10.20.2.1, past the balancer.",
    ),
    captures=(CAPTURE,),
    topology=TopologyView(
        vips=(
            Endpoint(
                VIP,
                25,
                "36 flows of 11 clients end here; the balancer opens flows of its own after each.",
            ),
        ),
        balancers=(
            Endpoint(VIP, None, "Source of 12 flows to the servers, right after a client's."),
        ),
        servers=(
            Endpoint("10.20.2.74", 25, "Receives 18 back flows."),
            Endpoint("10.20.2.75", 25, "Receives 18 back flows."),
        ),
        gateways=(GatewayLine(CLIENT_MAC, ("10.20.2.1",)),),
        clients=Clients(11, 3, 8),
    ),
    sessions=tuple(failing(i) for i in range(1, 25)) + tuple(working(i) for i in range(25, 37)),
    findings=(LEADING, LOCAL),
    limits=(
        Limit(
            "capture-starts-late",
            "Two flows were already open when the capture began; their handshakes cannot be judged.",
            (FrameCitation(FILE, 12, "first packet of a flow without its SYN"),),
        ),
    ),
    affected=tuple(failing(i) for i in range(1, 25)),
    pictures=(FAILING_PICTURE, WORKING_PICTURE),
    not_judged=(("duplicate-address", "destination MACs: this link type (Linux any) has none"),),
    tool=TOOL,
)

HEALTHY = Report(
    verdict=Verdict(
        "healthy", None, "All 12 sessions through 10.20.2.173:25 did what they should."
    ),
    captures=(CAPTURE,),
    topology=STORY.topology,
    sessions=tuple(replace(working(i), rules=()) for i in range(1, 13)),
    findings=(),
    limits=(),
    pictures=(
        replace(WORKING_PICTURE, session=1, title="Session 1 works: 10.20.2.30 to 10.20.2.173:25"),
    ),
    tool=TOOL,
)

INCONCLUSIVE = Report(
    verdict=Verdict(
        "inconclusive",
        None,
        "Sessions fail, but this capture shows only the way to the servers, not the way back.",
    ),
    captures=(
        replace(CAPTURE, point=None),
        replace(CAPTURE, file="second.pcapng", format="pcapng+gzip"),
    ),
    topology=replace(NOBODY, vips=STORY.topology.vips),
    sessions=(replace(failing(1), backs=(), mode="none", outcome="undetermined", rules=()),),
    findings=(),
    limits=(Limit("capture-one-way", "Every flow shows packets in one direction only."),),
    not_judged=(
        ("return-path-bypasses-balancer", "packets from the servers"),
        ("server-port-closed", "packets from the servers"),
    ),
    tool=TOOL,
)

EMPTY = Report(
    verdict=Verdict("inconclusive", None, "The capture holds no TCP packets."),
    captures=(
        replace(
            CAPTURE,
            packets=0,
            bytes=0,
            first=None,
            last=None,
            snaplen=None,
            point=None,
            link_types=(),
        ),
    ),
    topology=NOBODY,
    sessions=(),
    findings=(),
    limits=(),
    tool=TOOL,
)

STORIES = {"story": STORY, "healthy": HEALTHY, "inconclusive": INCONCLUSIVE, "empty": EMPTY}

HOSTILE_TEXT = (
    "a<script>alert(1)</script>|b`c`[red]d[/red]\x1b[2Je</style>]]>\u202ef\u2066g\u200bh\x9bi"
    "<img src=http://evil.example/x>![p](http://evil.example/y)\r\n\n# head\n{{7*7}}{% raw %}&amp;\"'\x00"
)


def hostile(text: str = HOSTILE_TEXT) -> Report:
    """A report with a hostile text in every place that text from the wire can reach."""
    point = Endpoint(text, 25, text)
    cite = (FrameCitation(text, 1, text),)
    leg = replace(
        failing(1).backs[0],
        file=text,
        source=text,
        destination=text,
        macs=(text, text),
        handshake=text,
    )
    picture = Picture(
        title=text,
        session=1,
        works=False,
        actors=(
            Actor(text, "client", (text,)),
            Actor("balancer", text, (text, text)),
            Actor("gw", "gateway", ()),
        ),
        arrows=(
            Arrow(1, text, "balancer", text, 1, 0, note=text),
            Arrow(2, "balancer", text, text, None, None, seen=False, note=text),
            Arrow(3, "nobody", text, text, 2, -5),
            Arrow(4, text, text, text, 2, 5),
            Arrow(5, "gw", "balancer", text, 2, 5),
        ),
    )
    finding = Finding(
        rule=text, severity="error", scope=text, subject=text, title=text, summary=text, means=text,
        certainty="likely", sessions=(1,), affected=1, of=2, frames=cite, facts={text: text},
        excluded=(Exclusion(text, text),), fix=(Fix(text, text),),
        next_capture=(NextCapture(text, text, text),),
        wireshark_filter=text, references=(text, f"https://example.org/{text}", f"javascript:{text}"),
    )  # fmt: skip
    return Report(
        verdict=Verdict(text, "likely", text),
        captures=(
            replace(CAPTURE, file=text, format=text, link_types=(text,), point=text),
            CAPTURE,
        ),
        topology=TopologyView(
            (point,), (point,), (point,), (GatewayLine(text, (text,)),), Clients(1, 1, 0)
        ),
        sessions=(SessionLine(1, leg, (leg, leg), text, "failed", (text,), 0.5, (text,)),),
        findings=(finding, replace(finding, rule="other", severity="note")),
        limits=(Limit(text, text, cite),),
        pictures=(picture,),
        not_judged=((text, text),),
        listed="all",
        tool={"name": text, "version": text},
    )
