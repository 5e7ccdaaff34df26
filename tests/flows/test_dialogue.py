"""What a dialogue in the clear says of itself, by hand and as tshark reads the same captures."""

import subprocess
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pcapdiag.flows.build import read_traffic
from pcapdiag.flows.table import OPENINGS, WHOLE
from pcapdiag.read import open_capture
from tests.flows.stories import ACK, FIN, RST, Packet, handshake, only, says, traffic

SAMPLES: Final = sorted((Path(__file__).resolve().parents[2] / "samples").glob("*.pcap*"))[::3]
GET: Final = b"GET /a HTTP/1.1\r\nHost: www.example\r\n\r\n"
ALERT: Final = bytes([21, 3, 3, 0, 2, 2, 48])


def served(*answers: bytes, question: bytes = GET, end: int = FIN | ACK, gap: int = 0) -> Any:
    """Return the record of a question, its answer in pieces, and the responder's end `gap` octets later."""
    packets = [*handshake(), says(30, 101, 501, question)]
    seq = 501
    for number, answer in enumerate(answers):
        packets.append(says(40 + number, seq, 101 + len(question), answer, back=True))
        seq += len(answer)
    packets.append(Packet(90, end, seq + gap, 101 + len(question), back=True))
    return only(packets)


def test_requests_and_replies_are_counted_where_they_begin() -> None:
    flow = served(b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    assert (flow["http_requests"], flow["http_replies"], flow["http_status"]) == (1, 1, 200)
    assert (flow["http_errors"], flow["last_speaker"]) == (0, 1)


@pytest.mark.parametrize(
    "said",
    [
        b"EHLO client.example\r\n",
        b"GET /a\r\n",
        b"GET ",
        b"get / HTTP/1.1\r\n",
        b"G",
        b"HTTP/1.1 200 OK",
    ],
)
def test_other_words_are_no_request(said: bytes) -> None:
    assert only([*handshake(), says(30, 101, 501, said)])["http_requests"] == 0


def test_replies_that_share_a_packet_are_counted_each() -> None:
    reply = b"HTTP/1.1 200 OK\r\ncontent-LENGTH: 2\r\n\r\nab"
    flow = served(reply + reply + b"HTTP/1.1 503 No\r\n\r\n")
    assert (flow["http_replies"], flow["http_errors"], flow["http_error_status"]) == (3, 1, 503)
    assert flow["http_error_frame"] == 5


@pytest.mark.parametrize(
    ("answers", "cut", "missing"),
    [
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n", b"abcd"), 0, 0),
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", b"abcd"), 1, 5),
        ((b"HTTP/1.1 200 OK\r\n\r\nabcd",), -1, -1),
        ((b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n",), -1, -1),
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nab",), -1, -1),
        ((b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nab",), -1, -1),
        ((b"HTTP/1.1 200 OK\r\nContent-Le",), -1, -1),
        (
            (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"2\r\nab\r\n0\r\n\r\n"),
            0,
            -1,
        ),
        (
            (
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                b"2\r\nab\r\n0",
                b"\r\n\r\n",
            ),
            0,
            -1,
        ),
        ((b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"9\r\nab"), 1, -1),
    ],
)
def test_a_reply_shorter_than_announced_is_cut(
    answers: tuple[bytes, ...], cut: int, missing: int
) -> None:
    flow = served(*answers)
    assert (flow["reply_cut"], flow["reply_missing"]) == (cut, missing)
    assert served(*answers, end=RST | ACK)["reply_cut"] == cut


def test_what_was_not_captured_is_not_missing() -> None:
    begun = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabcd"
    assert served(begun, gap=5)["reply_cut"] == 0
    assert served(begun, gap=-20)["reply_cut"] == -1
    chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"9\r\nab"
    assert served(*chunks, gap=5)["reply_cut"] == -1


def test_the_body_of_a_reply_to_head_does_not_come() -> None:
    question = b"HEAD /a HTTP/1.1\r\nHost: www.example\r\n\r\n"
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"
    assert served(answer, question=question)["reply_cut"] == -1


def test_greeting_and_last_code() -> None:
    packets = [
        *handshake(),
        says(30, 501, 101, b"220 mail.example\r\n", back=True),
        says(40, 101, 519, b"EHLO me\r\n"),
        says(50, 519, 110, b"250-mail.example\r\n250 SIZE\r\n", back=True),
    ]
    assert (only(packets)["greeting"], only(packets)["reply_code"]) == (220, 250)
    assert only(packets[:4])["reply_code"] == 220
    encrypted = says(60, 547, 110, b"\x17\x03\x03\0\x20abc", back=True)
    assert (only([*packets, encrypted])["greeting"], only([*packets, encrypted])["reply_code"]) == (
        220,
        -1,
    )


def test_who_was_asked_does_not_greet() -> None:
    assert served(b"220 mail\r\n")["greeting"] == -1
    without_beginning = [says(30, 501, 101, b"250 ok\r\n", back=True)]
    assert only(without_beginning)["greeting"] == -1


def test_fatal_alerts_are_known_by_direction() -> None:
    flow = only([*handshake(), says(30, 101, 501, ALERT)])
    assert (flow["tls_alert"].tolist(), flow["tls_alert_frame"].tolist()) == ([48, -1], [4, -1])
    warning = only([*handshake(), says(30, 101, 501, bytes([21, 3, 3, 0, 2, 1, 0]))])
    encrypted = only([*handshake(), says(30, 101, 501, bytes([21, 3, 3, 0, 26, 2, 48]))])
    assert warning["tls_alert"][0] == encrypted["tls_alert"][0] == -1


@pytest.mark.parametrize(
    ("said", "opening"),
    [
        (GET, "http"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "http2"),
        (b"\x16\x03\x01\x02\0\x01", "tls"),
        (ALERT, "tls"),
        (b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n", "proxy"),
        (b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c", "proxy"),
        (b"\r\n\r\nGET / HTTP/1.1\r\n", "other"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "ssh"),
        (b"EHLO me\r\n", "other"),
    ],
)
def test_what_a_stream_begins_with(said: bytes, opening: str) -> None:
    flow = only([*handshake(), says(30, 101, 501, said)])
    assert flow["opening"].tolist() == [OPENINGS.index(opening), -1]
    assert only([says(30, 101, 501, said)])["opening"].tolist() == [-1, -1]


def test_what_the_answer_begins_with() -> None:
    assert served(b"HTTP/1.1 200 OK\r\n\r\n")["opening"][1] == OPENINGS.index("http")
    greeted = only([*handshake(), says(30, 501, 101, b"220 ready\r\n", back=True)])
    assert greeted["opening"].tolist() == [-1, OPENINGS.index("code")]


PIECES: Final = (
    b"HTTP/1.1 200 OK\r\n", b"HTTP/1.", b"Content-Length: 7\r\n", b"content-length:", b" 99999999999",
    b"Transfer-Encoding: chunked\r\n", b"\r\n", b"\r\n\r\n", b"0\r\n\r\n", b"220 ", b"554-", GET, ALERT,
    b"\x15\x03", b"\x16\x03\x01", b"PROXY ", b"\r\n\r\n\0\r\nQUIT\n", b"HEAD / HTTP/1.1\r\n\r\n",
)  # fmt: skip


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.booleans(), st.lists(st.sampled_from(PIECES) | st.binary(max_size=9), max_size=5)
        ),
        max_size=6,
    ),
    st.integers(54, 90),
)
def test_whatever_is_said_compiled_hears_the_same(
    said: list[tuple[bool, list[bytes]]], cut: int
) -> None:
    packets, at = handshake(), [101, 501]
    for number, (back, pieces) in enumerate(said):
        text = b"".join(pieces)
        packet = says(30 + number, at[back], at[1 - back], text, back=back)
        packets.append(replace(packet, cut=cut) if number % 3 == 2 else packet)
        at[back] += len(text)
    packets.append(Packet(90, FIN | ACK, at[1], at[0], back=True))
    (plain,), (compiled,) = (traffic(packets, compiled=way).flows.records for way in (False, True))
    assert plain.tobytes() == compiled.tobytes()
    assert plain["reply_missing"] >= -1


@pytest.mark.tshark
def test_tshark_reads_the_same_messages() -> None:
    """Requests and final replies a flow, over a third of the samples."""
    ours: Counter[tuple[str, int, str]] = Counter()
    theirs: Counter[tuple[str, int, str]] = Counter()
    for sample in SAMPLES:
        for row in read_traffic([open_capture(str(sample))], compiled=False).flows.records:
            if row["hop"] == WHOLE:
                for word in ("http_requests", "http_replies"):
                    ours[sample.name, int(row["flow"]), word] += int(row[word])
        theirs += told_by_tshark(sample)
    assert +ours == theirs
    assert sum(theirs.values()) > 150


def told_by_tshark(sample: Path) -> Counter[tuple[str, int, str]]:
    """Count messages that begin a packet, as tshark finds them without putting segments together."""
    fields = ("tcp.stream", "http.request.method", "http.response.code")
    command = ["tshark", "-n", "-r", str(sample), "-o", "tcp.desegment_tcp_streams:FALSE"]
    command += ["-Y", "(http.request or http.response) and !tcp.analysis.retransmission"]
    command += ["-T", "fields", *(word for name in fields for word in ("-e", name))]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    found: Counter[tuple[str, int, str]] = Counter()
    for stream, method, codes in (line.split("\t") for line in said.splitlines()):
        found[sample.name, int(stream), "http_requests"] += bool(method)
        final = [code for code in codes.split(",") if code and int(code) >= 200]
        found[sample.name, int(stream), "http_replies"] += len(final)
    return +found
