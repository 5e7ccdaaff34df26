"""The truth is read from logs as they are, and never guessed."""

import pytest

from tests.lab.clients import Experience
from tests.lab.processes import LabError
from tests.lab.truth import Entry, Leg, Sources, proxied, read_kernel, read_proxy, read_served

KERNEL = (
    "[1763858637.250000]\t    [NEW] tcp      6 120 SYN_SENT src=198.51.100.40 dst=192.0.2.172 "
    "sport=35679 dport=80 [UNREPLIED] src=192.0.2.74 dst=192.0.2.173 sport=80 dport=40000\n"
    "conntrack v1.4.7 (conntrack-tools): 1 flow events have been shown.\n"
)


def visit(token: str, source: str, at: float) -> Experience:
    return Experience(token, f"{source}:1025", "192.0.2.173:25", "ok", at, at + 1.0)


def test_the_kernel_tells_both_legs_of_a_translated_connection() -> None:
    (entry,) = read_kernel(KERNEL)
    assert entry == Entry(
        1763858637.25,
        Leg("198.51.100.40:35679", "192.0.2.172:80"),
        Leg("192.0.2.173:40000", "192.0.2.74:80"),
    )


def test_the_proxy_tells_its_back_only_where_it_had_one() -> None:
    text = (
        "front=2001:db8:2::30:47629 vip=2001:db8:2::173:25 back=2001:db8:2::172:57920 "
        "server=2001:db8:2::74:25 be=local ts=-- tc=0 rc=0\n"
        "front=192.0.2.30:1 vip=192.0.2.173:80 back=-:- server=-:- be=local ts=SC tc=-1 rc=0\n"
        "[NOTICE] something else\n"
    )
    assert read_proxy(text) == {
        Leg("[2001:db8:2::30]:47629", "[2001:db8:2::173]:25"): Leg(
            "[2001:db8:2::172]:57920", "[2001:db8:2::74]:25"
        )
    }


def test_a_server_tells_which_tokens_it_read() -> None:
    text = 'ready\n{"src": "192.0.2.1:9", "dst": "192.0.2.74:25", "tokens": ["a", "a", "b"]}\n'
    leg = Leg("192.0.2.1:9", "192.0.2.74:25")
    assert read_served([text]) == {"a": [leg], "b": [leg]}


def test_a_back_that_two_visits_may_have_made_is_refused() -> None:
    own = "192.0.2.173"
    entry = Entry(10.5, Leg(f"{own}:40000", "192.0.2.74:25"), Leg(f"{own}:40000", "192.0.2.74:25"))
    one, two = visit("a", "192.0.2.30", 10.0), visit("b", "192.0.2.31", 10.2)
    alone = Sources([one], [entry], {}, {})
    (row,) = proxied(alone, ["192.0.2.74:25"], [own])
    assert row["backs"][0]["src"] == f"{own}:40000"
    assert row["mode"] == "snat"
    with pytest.raises(LabError, match="may belong to"):
        proxied(Sources([one, two], [entry], {}, {}), ["192.0.2.74:25"], [own])


def test_a_server_and_the_proxy_that_disagree_are_refused() -> None:
    one = visit("a", "192.0.2.30", 10.0)
    front, back = Leg(one.src, one.dst), Leg("192.0.2.173:40000", "192.0.2.74:25")
    said = Leg("192.0.2.173:40001", "192.0.2.74:25")
    with pytest.raises(LabError, match="HAProxy says"):
        proxied(Sources([one], [], {front: said}, {"a": [back]}), [], [])
