"""Every shipped rule fires on a story of its own, and on no other's."""

from collections.abc import Callable
from typing import Any

import pytest

from pcapdiag import rules
from pcapdiag.read import Problem
from pcapdiag.rules import Judgement
from tests.rules.story import (
    BALANCER,
    LOCAL,
    MACS,
    OTHER_SERVER,
    PORT,
    REFUSED,
    REMOTE,
    ROUTER,
    SERVED,
    SERVER,
    SILENT,
    VIP,
    Story,
    back,
    kept,
    shift,
)
from tests.sessions.table import MS, S

Columns = dict[str, Any]

FAILS: Columns = {"mode": "transparent", "outcome": "failed"}
ALONE: Columns = {"mode": "none", "outcome": "failed"}


def healthy() -> Story:
    return Story().session(LOCAL, back(), **SERVED).session(REMOTE, back(OTHER_SERVER), **SERVED)


def population() -> Story:
    """Local clients SNATed and well; remote ones keep their address and get no answer."""
    story = Story()
    for number in range(3):
        story.session(f"192.0.2.3{number}", back(), **SERVED)
        story.session(f"198.51.100.4{number}", kept(**SILENT), **FAILS)
    return story.wait(10)


def the_story() -> Story:
    return population().asks(SERVER, ROUTER, after_ns=20_000)


def asked_before_the_syns() -> Story:
    return Story().asks(SERVER, ROUTER).session(REMOTE, kept(**SILENT), **FAILS).wait(10)


def asked_for_the_balancer() -> Story:
    return population().asks(SERVER, BALANCER, after_ns=20_000)


def asks_all_the_time() -> Story:
    story = population()
    for second in range(10):
        story.asks(SERVER, ROUTER, after_ns=400 * MS + second * 1_001 * MS)
    return story


def asked_after_a_working_session() -> Story:
    """The router is asked for right after the balancer's own SYN: no word about the clients' SYNs."""
    story = population().session(LOCAL, back(), **SERVED)
    return story.asks(SERVER, ROUTER, after_ns=10_000).wait(10)


def answered_for_some() -> Story:
    """The gateway is right for other clients, so the router asked for proves nothing."""
    return the_story().session("203.0.113.9", kept(), mode="transparent", **SERVED).wait(5)


def direct() -> Story:
    story = Story().session(LOCAL, kept(**SILENT), **FAILS).asks(SERVER, LOCAL, 15_000)
    return story.session(REMOTE, kept(OTHER_SERVER), mode="transparent", **SERVED).wait(10)


def mixed() -> Story:
    story = Story().session(REMOTE, back(), **SERVED)
    return story.session(REMOTE, kept(OTHER_SERVER), mode="transparent", **SERVED)


def own_client() -> Story:
    return Story().session(SERVER, kept(SERVER, **SILENT), **FAILS).wait(10)


def redirect() -> Story:
    story = Story().session(REMOTE, kept(), mode="transparent", **SERVED)
    story.told(
        type=5, code=1, sender=BALANCER, receiver=SERVER, gateway=ROUTER, quoted=(SERVER, REMOTE)
    )
    return story.session(REMOTE, kept(**SILENT), **FAILS).wait(10)


def loop() -> Story:
    story = healthy()
    looped: Columns = {**SILENT, "ttl_low": [1, -1], "ttl_high": [63, -1], "icmp_errors": 1}
    looped |= {"icmp_type": 11, "icmp_code": 0, "icmp_frame": 77}
    return story.session(REMOTE, mode="none", outcome="undetermined", **looped).wait(10)


def duplicate() -> Story:
    story = Story().session(REMOTE, back(**REFUSED), outcome="failed")
    return story.claims(SERVER, 0x74).claims(SERVER, 0x32).claims(SERVER, 0x74)


def closed() -> Story:
    story = Story().session(LOCAL, back(OTHER_SERVER), **SERVED)
    return story.session(REMOTE, back(**REFUSED), outcome="failed")


def retry() -> Story:
    return Story().session(REMOTE, back(**SILENT), back(OTHER_SERVER), **SERVED).wait(10)


def unreachable() -> Story:
    error: Columns = {"icmp_errors": 2, "icmp_type": 3, "icmp_code": 13, "icmp_frame": 55}
    return Story().session(REMOTE, back(**SILENT, **error), outcome="failed").wait(10)


def turned_away() -> Story:
    """The router's filter keeps clients from the service, and says so."""
    error: Columns = {"icmp_errors": 1, "icmp_type": 3, "icmp_code": 13, "icmp_frame": 900}
    story = healthy().session(REMOTE, **ALONE, **SILENT, **error)
    return story.told(type=3, code=13, sender=ROUTER, receiver=REMOTE, file=0).wait(10)


def time_exceeded_once() -> Story:
    """Not every ICMP error turns a SYN away."""
    error: Columns = {"icmp_errors": 1, "icmp_type": 11, "icmp_code": 1, "icmp_frame": 900}
    return healthy().session(REMOTE, **ALONE, **SILENT, **error).wait(10)


HALF: Columns = {"handshake": "partial", "bytes": [0, 0], "syn_ack_ns": S + MS, "syn_ack_count": 4}


def answers_lost() -> Story:
    """The service answers one client's SYNs, which repeats them all the same."""
    again: Columns = {"syn_count": 3, "last_syn_ns": S + 2 * S}
    story = healthy()
    return story.session(REMOTE, mode="none", outcome="undetermined", **HALF, **again).wait(10)


def answered_in_time() -> Story:
    """A SYN repeated before its answer came, as on a slow path."""
    again: Columns = {"syn_count": 2, "last_syn_ns": S}
    story = healthy()
    return story.session(REMOTE, mode="none", outcome="undetermined", **HALF, **again).wait(10)


def flood(callers: int = 30) -> Story:
    """Single SYNs whose answers nobody acknowledges, beside users that are served."""
    story = healthy()
    for number in range(callers):
        story.session(f"203.0.113.{number}", mode="none", outcome="undetermined", **HALF)
    return story.wait(10)


def few_lost_clients() -> Story:
    return flood(3)


def given_up(server: Columns, **front: Any) -> Story:
    """A session in which the balancer ends both legs after the server took the connection."""
    behind: Columns = {"close": "reset", "life_ns": 5 * S, "reset_ns": [6 * S, -1], **server}
    before: Columns = {"outcome": "failed", "bytes": [80, 0], "fin_ns": [-1, 6 * S], **front}
    return healthy().session(REMOTE, back(OTHER_SERVER, **behind), **before).wait(10)


ASKED: Columns = {"bytes": [80, 0], "last_data_ns": [S + 2 * MS, -1]}


def slow() -> Story:
    return given_up({**ASKED, "largest_acked_payload": [80, -1]})


def slow_to_greet() -> Story:
    return given_up({"bytes": [0, 0]}, bytes=[0, 0], outcome="undetermined")


def client_lost_patience() -> Story:
    """The balancer ends the back because the client left: no word about the server."""
    return given_up({**ASKED, "largest_acked_payload": [80, -1]}, fin_ns=[5 * S, 6 * S])


def data_lost_behind() -> Story:
    return given_up({"bytes": [480, 0], "stuck_count": [6, 0], "last_data_ns": [4 * S, -1]})


def full_packets_lost_behind() -> Story:
    """Nothing tells here whether all packets get lost or those of full size only."""
    full: Columns = {"bytes": [8688, 0], "stuck_count": [6, 0], "stuck_payload": [1448, 0]}
    return given_up({**full, "last_data_ns": [4 * S, -1]})


def fin_repeated_in_vain() -> Story:
    """A client that asked nothing and whose FIN nobody acknowledges: not what it sends gets lost."""
    lost: Columns = {"bytes": [0, 0], "stuck_count": [6, 0]}
    return healthy().session(REMOTE, mode="none", outcome="undetermined", **lost).wait(10)


def data_lost_before() -> Story:
    lost: Columns = {"bytes": [480, 0], "stuck_count": [6, 0]}
    return healthy().session(REMOTE, mode="none", outcome="undetermined", **lost).wait(10)


def queue_full(**taken: Any) -> Story:
    """A server takes three connections without a word, and no SYN of the balancer after them."""
    story = Story().session(LOCAL, back(OTHER_SERVER), **SERVED)
    waits: Columns = {"bytes": [80, 0], "close": "open", "life_ns": S, "fin_ns": [-1, -1], **taken}
    for _ in range(3):
        story.session(REMOTE, back(**waits), outcome="undetermined", bytes=[80, 0])
    return story.session(REMOTE, back(**SILENT), outcome="failed").wait(10)


def drops_after_answers() -> Story:
    """Who got an answer was taken up: nothing tells why later SYNs get none."""
    return queue_full(bytes=[80, 20])


def answer_lost_past_the_balancer(**answer: Any) -> Story:
    """A router sees the client call the service, and a server's SYN-ACKs for it that do not get on."""
    story = Story(one_side=True)
    stray: Columns = {"syn_count": 0, "syn_ns": -1, "syn_ack_count": 4, "syn_ack_ns": S, **answer}
    stray = {"handshake": "partial", "bytes": [0, 0], "packets": [0, 4], **stray}
    for number in range(2):
        story.session(f"198.51.100.4{number}", **ALONE, bytes=[0, 0], life_ns=3 * S)
        story.clock -= 99 * MS
        story.apart(f"198.51.100.4{number}", f"{SERVER}:{PORT}", **stray)
    return story.wait(10)


def answer_refused_past_the_balancer() -> Story:
    return answer_lost_past_the_balancer(packets=[4, 4], resets=[4, 0], reset_frame=[77, -1])


def unresolved() -> Story:
    story = healthy().session(REMOTE, **ALONE, life_ns=3 * S, fins=[0, 1])
    return story.asks(BALANCER, "192.0.2.76", after_ns=MS, times=3).wait(5)


def unresolved_before_a_retry() -> Story:
    """One of two servers is off: nobody answers for it, and users wait for the other one."""
    story, second = healthy(), back()
    story.session(REMOTE, second, **SERVED)
    shift(second, int(story.legs[-2]["syn_ns"][0]) + 2 * S)
    return story.asks(BALANCER, "192.0.2.76", after_ns=MS - 2 * S, times=2).wait(9)


def no_server() -> Story:
    story = Story()
    for _ in range(3):
        story.check(back(**REFUSED), outcome="failed")
    return story.session(REMOTE, **ALONE, fins=[0, 1], fin_frame=[-1, 12])


def no_server_for_one() -> Story:
    """Whoever serves others has a server to give: what became of this one the frames do not say."""
    return no_server().session(LOCAL, back(), **SERVED)


def failing_check() -> Story:
    story = healthy()
    for _ in range(3):
        story.check(back("192.0.2.76", **REFUSED), outcome="failed")
    return story


def lacks_vip() -> Story:
    story = Story().claims(SERVER, MACS[SERVER]).claims(OTHER_SERVER, MACS[OTHER_SERVER])
    for number in range(4):
        mac = MACS[(SERVER, OTHER_SERVER)[number % 2]]
        columns: Columns = {"mac": [[0x173, mac], [-1, -1]]} | (
            SILENT if number % 2 else {"bytes": [9, 0]}
        )
        columns |= {"packets": [3, 0], "highest_ack": [-1 if number % 2 else 5, -1]}
        row = kept(VIP, **columns)
        front: Columns = {name: value for name, value in columns.items() if name != "mac"}
        outcome = "failed" if number % 2 else "ok"
        story.session(f"198.51.100.4{number}", row, mode="dsr", outcome=outcome, **front)
    return story.wait(10)


def vip_closed() -> Story:
    return Story().session(REMOTE, **ALONE, **REFUSED)


def vip_silent() -> Story:
    return healthy().session(REMOTE, **ALONE, **SILENT).wait(10)


def vip_unresolved() -> Story:
    story = Story().session(REMOTE, **ALONE, **SILENT)
    return story.asks(ROUTER, VIP, after_ns=MS, times=4).wait(10)


def reset() -> Story:
    dropped: Columns = {
        "close": "reset",
        "bytes": [100, 0],
        "resets": [0, 1],
        "reset_ns": [-1, S + 50 * MS],
    }
    return Story().session(REMOTE, back(**dropped), outcome="failed", bytes=[100, 0])


def black_hole() -> Story:
    stuck: Columns = {
        "stuck_count": [0, 6],
        "stuck_payload": [0, 1448],
        "repeated_payload": [0, 1448],
    }
    stuck |= {"mss": [1460, 1460], "bytes": [80, 9000], "largest_acked_payload": [80, 0]}
    story = Story().session(
        REMOTE, back(), bytes=[80, 200], largest_acked_payload=[80, 200], mss=[1460, 1460]
    )
    return story.session(REMOTE, back(), outcome="failed", **stuck)


def gives_up() -> Story:
    """At the clients: the service accepts, and closes by the clock without a word."""
    story = Story(one_side=True)
    for number in range(4):
        start = story.clock
        closed: Columns = {"fins": [1, 1], "fin_ns": [start + 9_001 * MS, start + 9_000 * MS]}
        story.session(f"198.51.100.4{number}", **ALONE, **closed, life_ns=9_001 * MS)
    return story.wait(12)


def let_go_when_idle() -> Story:
    """A server that answers those who ask, and lets go of connections that were opened in advance."""
    story = Story(one_side=True).session(REMOTE, mode="none", **SERVED)
    for _ in range(2):
        start = story.clock
        closed: Columns = {"fins": [1, 1], "fin_ns": [start + 9_001 * MS, start + 9_000 * MS]}
        story.session(REMOTE, **ALONE, **closed, life_ns=9_001 * MS)
    return story.wait(12)


def at_the_server(answered: bool, received: bool = True) -> Story:
    """The balancer's own calls are answered; those that it passes on are dropped, or all are.

    `received`: the capturing host is known to have received them.
    """
    story = Story(one_side=True).claims(BALANCER, MACS[BALANCER]).claims(SERVER, MACS[SERVER])
    here: Columns = {"mac": [[MACS[BALANCER], MACS[SERVER]], [MACS[SERVER], MACS[BALANCER]]]}
    if received:
        here["link_direction"] = [0, 4]
    to = f"{SERVER}:{PORT}"
    own: Columns = {"mode": "none"} | (SERVED if answered else {"outcome": "failed", **SILENT})
    for number in range(2):
        story.session(BALANCER, vip=to, **own, **here)
        story.session(f"198.51.100.4{number}", vip=to, **ALONE, **SILENT, **here)
    return story.wait(10)


def server_drops_some() -> Story:
    return at_the_server(answered=True)


def server_drops_all() -> Story:
    return at_the_server(answered=False)


def crowd(**one: Any) -> Story:
    """Many services that nobody balances, each called once; one call goes wrong."""
    story = Story(one_side=True)
    for number in range(12):
        story.session(REMOTE, vip=f"203.0.113.{number}:80", mode="none", **SERVED)
    return story.session(REMOTE, vip="203.0.113.99:443", **one).wait(10)


def one_peer_silent() -> Story:
    return crowd(**ALONE, **SILENT)


def one_peer_closed() -> Story:
    return crowd(**ALONE, **REFUSED)


def one_syn_only() -> Story:
    """No stack tries once: whoever sends a single SYN was not waiting for an answer."""
    once: Columns = {**SILENT, "syn_count": 1}
    return healthy().session(REMOTE, **ALONE, **once).session(REMOTE, **ALONE, **once).wait(10)


def refused_then_served() -> Story:
    """The same ports were refused once and then served: one flow, told as refused."""
    once: Columns = {**REFUSED, "bytes": [116, 1885]}
    return healthy().session(REMOTE, **ALONE, **once).session(REMOTE, **ALONE, **once)


def super_segments() -> Story:
    """Repeated super-segments of the capturing host's offload: no packet of that size was sent."""
    stuck: Columns = {"stuck_count": [0, 4], "repeated_payload": [0, 2843], "mss": [1460, 1410]}
    stuck |= {"bytes": [700, 9570], "largest_acked_payload": [569, 1410], "fins": [1, 1]}
    story = Story()
    for _ in range(2):
        story.session(REMOTE, back(), outcome="failed", **stuck)
    return story


def one_way() -> Story:
    columns: Columns = {"handshake": "partial", "packets": [5, 0], "bytes": [100, 0]}
    return Story().session(REMOTE, back(**columns), outcome="undetermined", **columns)


def starts_late() -> Story:
    columns: Columns = {
        "handshake": "not-seen",
        "syn_count": 0,
        "syn_ack_count": 0,
        "syn_ack_ns": -1,
    }
    return healthy().session(REMOTE, back(**columns), **SERVED, **columns)


def syns_only() -> Story:
    """What a filter on SYNs leaves: some are answered, a server's RSTs to others do not show."""
    answered: Columns = {"handshake": "partial", "handshake_ns": -1, "packets": [1, 1]}
    answered["syn_ack_count"] = 1
    silent = SILENT | {"packets": [3, 0]}
    story = Story()
    for _ in range(3):
        story.session(REMOTE, back(**answered), outcome="undetermined", **answered)
        story.session(REMOTE, back(OTHER_SERVER, **silent), outcome="failed", **answered)
        story.check(back(OTHER_SERVER, **silent), outcome="failed")
    return story.wait(10)


def ends_early() -> Story:
    pending: Columns = {**SILENT, "syn_count": 1}
    return healthy().session(REMOTE, back(**pending), outcome="undetermined", **SERVED)


def leg_missing() -> Story:
    return Story().session(REMOTE, mode="none", **SERVED)


def leg_mostly_missing() -> Story:
    """One pair by accident, or a cache: how the others got their answers is not in the capture."""
    story = healthy()
    for _ in range(5):
        story.session(REMOTE, mode="none", **SERVED)
    return story


def redirects() -> Story:
    """A balancer that sends most users elsewhere by itself: no server is asked for them."""
    story = healthy()
    for _ in range(5):
        story.session(REMOTE, mode="none", **HTTP, http_status=302)
    return story


def damaged() -> Story:
    story = healthy()
    story.account = {"problems": [Problem("the file ends inside a packet", 900, 40)]}
    return story


def drops() -> Story:
    story = healthy()
    story.account = {"drops": 12}
    return story


def out_of_order() -> Story:
    story = healthy()
    story.account = {"backwards": 7, "backwards_ns": 12_000_000, "backwards_frame": 5}
    return story


def snaplen() -> Story:
    story = healthy()
    story.account = {"cut_packets": 5}
    return story


def duplicates() -> Story:
    return Story().session(LOCAL, back(duplicates=[3, 3]), **SERVED, duplicates=[3, 3])


def syn_acks_meet() -> Story:
    """Repeated by the clock and for a repeated SYN at the same moment: sent twice, not captured twice."""
    story = answers_lost()
    story.legs[-1]["duplicates"] = [0, 3]
    return story


def others_fail() -> Story:
    story = healthy()
    for _ in range(3):
        story.apart(REMOTE, "203.0.113.5:443", **REFUSED)
    return story


def scanned() -> Story:
    story = healthy()
    for port in range(8):
        story.scan(REMOTE, f"{VIP}:{8000 + port}")
    return story


HTTP: Columns = {"bytes": [80, 300], "http_requests": 1, "http_replies": 1, "last_speaker": 1}
ERROR: Columns = HTTP | {"http_errors": 1, "http_error_status": 500, "http_status": 500}


def server_errors() -> Story:
    story = Story().session(LOCAL, back(**HTTP), **HTTP)
    return story.session(REMOTE, back(OTHER_SERVER, **ERROR), **ERROR, outcome="failed")


def own_errors() -> Story:
    """The balancer answers for a server that said nothing."""
    story = Story().session(LOCAL, back(**HTTP), **HTTP)
    silent = back(OTHER_SERVER, bytes=[80, 0], http_requests=1)
    return story.session(REMOTE, silent, **ERROR, outcome="failed")


def refused_greeting() -> Story:
    refuses: Columns = {"bytes": [0, 30], "greeting": 554, "reply_code": 554}
    story = Story().session(LOCAL, back(), **SERVED)
    return story.session(REMOTE, back(OTHER_SERVER, **refuses), **refuses, outcome="failed")


def unknown_authority() -> Story:
    alert: Columns = {"bytes": [524, 1341], "tls_alert": [48, -1], "tls_alert_frame": [9, -1]}
    alert |= {"opening": [3, 3]}
    return Story().session(REMOTE, back(**alert), **alert, outcome="failed")


def tls_to_plain_http() -> Story:
    mismatch: Columns = {"bytes": [517, 120], "opening": [3, 1], "http_status": 400}
    mismatch |= {"http_replies": 1, "prefix_length": [517, 120]}
    return Story().session(REMOTE, back(**mismatch), **mismatch, outcome="failed")


def unexpected_header() -> Story:
    """The server takes the PROXY header for nonsense, and closes at once."""
    story = Story()
    begin: Columns = {"bytes": [80, 0], "opening": [1, -1]}
    closed: Columns = {"bytes": [120, 0], "opening": [4, -1], "fin_ns": [-1, 30 * MS]}
    return story.session(REMOTE, back(**closed), **begin, outcome="failed")


def cut_answer(ended_by_server: bool) -> Story:
    story = Story().session(LOCAL, back(**HTTP), **HTTP)
    start = story.clock
    cut: Columns = HTTP | {"reply_cut": 1, "reply_missing": 5000, "fins": [1, 1]}
    ends: Columns = {"fin_ns": [70 * MS, 50 * MS]}
    relayed: Columns = {"fin_ns": [start + 65 * MS, start + 60 * MS]}
    if ended_by_server:
        story.session(REMOTE, back(**cut, **ends), **cut, **relayed, outcome="failed")
    else:
        story.session(REMOTE, **cut, **relayed, mode="none", outcome="failed")
    return story.wait(5)


def cut_by_the_server() -> Story:
    return cut_answer(ended_by_server=True)


def cut_by_the_service() -> Story:
    return cut_answer(ended_by_server=False)


def forgotten() -> Story:
    """The client pauses for six seconds; the balancer closed after three, the server never did."""
    story = Story()
    for _ in range(2):
        start = story.clock
        talk: Columns = {"bytes": [16, 8], "last_speaker": 0, "resets": [0, 1], "fins": [0, 1]}
        front: Columns = talk | {"last_data_ns": [start + 6 * S, start + 20 * MS]}
        front |= {"fin_ns": [-1, start + 3 * S], "reset_ns": [-1, start + 6 * S + MS]}
        kept_open: Columns = {"bytes": [8, 8], "last_data_ns": [15 * MS, 18 * MS]}
        story.session(REMOTE, back(**kept_open), **front, outcome="failed", life_ns=6 * S + MS)
    return story.wait(5)


STORIES: dict[Callable[[], Story], set[str]] = {
    healthy: set(),
    the_story: {"return-path-bypasses-balancer", "snat-for-local-clients"},
    population: {"back-syn-unanswered", "snat-for-local-clients"},
    asked_before_the_syns: {"back-syn-unanswered"},
    asked_for_the_balancer: {"back-syn-unanswered", "snat-for-local-clients"},
    asks_all_the_time: {"back-syn-unanswered", "snat-for-local-clients"},
    asked_after_a_working_session: {"back-syn-unanswered", "snat-for-local-clients"},
    answered_for_some: {"back-syn-unanswered", "snat-for-local-clients"},
    direct: {"server-answers-client-directly"},
    mixed: {"mixed-modes"},
    own_client: {"server-is-own-client"},
    redirect: {"icmp-redirect"},
    loop: {"routing-loop"},
    duplicate: {"duplicate-address"},
    closed: {"server-port-closed"},
    retry: {"retry-hides-dead-server"},
    unreachable: {"server-unreachable"},
    turned_away: {"vip-unreachable"},
    time_exceeded_once: set(),
    answers_lost: {"front-loss"},
    answered_in_time: set(),
    flood: {"vip-half-open"},
    few_lost_clients: set(),
    slow: {"server-slow"},
    slow_to_greet: {"server-slow"},
    client_lost_patience: set(),
    data_lost_behind: {"back-loss"},
    full_packets_lost_behind: set(),
    fin_repeated_in_vain: set(),
    data_lost_before: {"front-loss"},
    queue_full: {"server-accept-queue-full"},
    drops_after_answers: {"back-syn-unanswered"},
    answer_lost_past_the_balancer: {"return-path-bypasses-balancer"},
    answer_refused_past_the_balancer: {"return-path-bypasses-balancer"},
    unresolved: {"server-not-resolved"},
    unresolved_before_a_retry: {"server-not-resolved"},
    no_server: {"no-server-available", "health-check-failing"},
    no_server_for_one: {"health-check-failing"},
    failing_check: {"health-check-failing"},
    lacks_vip: {"dsr-server-lacks-vip"},
    vip_closed: {"vip-port-closed"},
    vip_silent: {"vip-syn-unanswered"},
    vip_unresolved: {"vip-not-resolved"},
    reset: {"server-reset"},
    black_hole: {"path-mtu-black-hole"},
    server_errors: {"server-answers-with-errors"},
    own_errors: {"service-answers-with-errors"},
    refused_greeting: {"server-answers-with-errors"},
    unknown_authority: {"tls-handshake-failed"},
    tls_to_plain_http: {"protocol-mismatch"},
    unexpected_header: {"protocol-mismatch", "server-closed-early"},
    cut_by_the_server: {"server-closed-early"},
    cut_by_the_service: {"service-closed-early"},
    forgotten: {"balancer-idle-timeout"},
    gives_up: {"balancer-gateway-timeout"},
    let_go_when_idle: {"capture-leg-missing"},
    server_drops_some: {"back-syn-unanswered", "capture-leg-missing"},
    server_drops_all: {"back-syn-unanswered"},
    one_peer_silent: {"capture-leg-missing"},
    one_peer_closed: {"capture-leg-missing"},
    one_syn_only: set(),
    refused_then_served: set(),
    super_segments: set(),
    one_way: {"capture-one-way"},
    starts_late: {"capture-starts-late"},
    syns_only: {"capture-syn-only"},
    ends_early: {"capture-ends-early"},
    leg_missing: {"capture-leg-missing"},
    leg_mostly_missing: {"capture-leg-missing"},
    redirects: set(),
    damaged: {"capture-damaged"},
    drops: {"capture-drops"},
    out_of_order: {"capture-out-of-order"},
    others_fail: {"capture-others-fail"},
    scanned: {"capture-scanned"},
    snaplen: {"capture-snaplen"},
    duplicates: {"capture-duplicates"},
    syn_acks_meet: {"front-loss"},
}
"""What each story's findings and limits must be: these and no others."""

RULES = rules.load()


def judged(story: Callable[[], Story]) -> Judgement:
    return rules.evaluate(RULES, story().tables())


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_story_has_its_findings_and_no_others(story: Callable[[], Story]) -> None:
    judgement = judged(story)
    said = {finding.rule for finding in judgement.findings}
    said |= {limit.id for limit in judgement.limits}
    assert said == STORIES[story]


def test_every_rule_has_a_story() -> None:
    told = set().union(*STORIES.values())
    assert {rule.id for rule in RULES} == told


def test_the_story_names_clients_frames_and_contrast() -> None:
    first, second = judged(the_story).findings
    assert (first.rule, first.certainty, first.affected, first.of) == (
        "return-path-bypasses-balancer", "likely", 3, 6,
    )  # fmt: skip
    assert first.sessions == (2, 4, 6)
    assert first.subject == f"{VIP}:25"
    notes = {frame.number: frame.note for frame in first.frames}
    assert "asks who has 192.0.2.1" in notes[500]
    assert any("for comparison" in note for note in notes.values())
    assert ROUTER in first.summary
    assert "3 of 3 ok" in first.means
    assert any("down" in exclusion.hypothesis for exclusion in first.excluded)
    assert "tcpdump" in first.next_capture[0].command
    assert (second.rule, second.severity) == ("snat-for-local-clients", "note")
    assert "198.51.100." in second.summary


def test_an_icmp_error_is_told_with_who_sent_it() -> None:
    (finding,) = judged(turned_away).findings
    assert f"{ROUTER} says by ICMP that a filter forbids it" in finding.summary
    assert ROUTER in finding.means
    assert 900 in {frame.number for frame in finding.frames}


def test_an_answer_that_gets_lost_elsewhere_proves_less_than_one_that_is_refused() -> None:
    (lost,), (refused,) = (
        judged(story).findings
        for story in (answer_lost_past_the_balancer, answer_refused_past_the_balancer)
    )
    assert (lost.certainty, lost.affected) == ("likely", 2)
    assert (refused.certainty, refused.affected) == ("proved", 2)
    assert SERVER in lost.next_capture[0].where


def test_unknown_cause_names_both_causes_and_the_next_capture() -> None:
    finding = judged(population).findings[0]
    assert finding.rule == "back-syn-unanswered"
    assert "route to the client" in finding.means
    assert "filter" in finding.means
    assert f"host {REMOTE}" in finding.next_capture[0].command


def test_a_server_that_drops_is_not_called_a_service_and_its_route_is_not_blamed() -> None:
    finding = judged(server_drops_some).findings[0]
    assert f"at the real server {SERVER}:25" in finding.summary
    assert f"2 calls from {BALANCER} itself are answered" in finding.summary
    assert "no route and no gateway explains that" in finding.means
    assert any("pass the balancer by" in excluded.hypothesis for excluded in finding.excluded)
    assert "-i any" in finding.next_capture[0].command


def test_a_place_that_nobody_told_leaves_both_causes_open() -> None:
    finding = judged(lambda: at_the_server(answered=True, received=False)).findings[0]
    assert "these frames do not show why" in finding.summary
    assert "Two causes look the same" in finding.means
    assert not any("pass the balancer by" in excluded.hypothesis for excluded in finding.excluded)
    assert "--point story.pcap=server" in finding.next_capture[0].why.replace("\n", " ")


def test_a_service_that_gives_up_names_the_capture_that_tells_why() -> None:
    finding = judged(gives_up).findings[0]
    assert (finding.certainty, finding.affected, finding.of) == ("likely", 4, 4)
    assert "closes it after 9.0 s" in finding.summary
    assert "cannot be seen from this side" in finding.means.replace("\n", " ")
    assert "on the balancer" in finding.next_capture[0].where


def test_findings_are_sorted_by_weight() -> None:
    story = the_story()
    for _ in range(3):
        story.check(back("192.0.2.76", **REFUSED), outcome="failed")
    said = [f.severity for f in rules.evaluate(RULES, story.tables()).findings]
    assert said == ["error", "warning", "note"]


def test_of_two_causes_the_one_that_more_users_feel_leads() -> None:
    story = the_story()
    for _ in range(2):
        story.session(REMOTE, back("192.0.2.76", **REFUSED), outcome="failed", vip="192.0.2.173:80")
    first, second, *_ = rules.evaluate(RULES, story.tables()).findings
    assert (first.rule, first.certainty, first.affected) == (
        "return-path-bypasses-balancer", "likely", 3,
    )  # fmt: skip
    assert (second.certainty, second.affected) == ("proved", 2)


def test_same_tables_give_the_same_judgement() -> None:
    tables = the_story().tables()
    assert rules.evaluate(RULES, tables) == rules.evaluate(RULES, tables)
