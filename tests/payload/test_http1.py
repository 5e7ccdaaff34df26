"""Requests as one packet shows them."""

from hypothesis import given
from hypothesis import strategies as st

from pcapdiag.payload import http1


def test_the_balancer_has_the_last_word_on_the_client() -> None:
    data = b"GET /a HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 6.6.6.6, 192.0.2.7\r\n\r\n"
    found = http1.request(data)
    assert found is not None
    assert (found.line, found.client) == (b"GET /a HTTP/1.1", "192.0.2.7")


def test_forwarded_names_ipv6_in_brackets() -> None:
    data = b'GET / HTTP/1.1\r\nForwarded: for="[2001:db8::7]:4711";proto=http\r\n\r\n'
    found = http1.request(data)
    assert found is not None
    assert found.client == "2001:db8::7"


@given(st.binary(max_size=200))
def test_any_bytes_are_a_request_or_none(data: bytes) -> None:
    found = http1.request(data)
    assert found is None or data.startswith(found.line)
