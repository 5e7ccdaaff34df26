"""HTTP/1 requests, as far as one packet shows them.

Source: RFC 9112 (messages), RFC 7239 (Forwarded).
"""

import re
from dataclasses import dataclass

_REQUEST_LINE = re.compile(rb"[A-Z]{3,20} \S{1,4096} HTTP/1\.[01]\r?\n")
_FORWARDED_FOR = re.compile(
    rb"\r?\n(?:x-forwarded-for|x-real-ip|x-client-ip): *([^\r\n]{1,1000})\r?\n", re.I
)
_FORWARDED = re.compile(rb"\r?\nforwarded:[^\r\n]{0,1000}?for=\"?\[?([0-9a-fA-F.:]{2,45})", re.I)


@dataclass(frozen=True, slots=True)
class Request:
    """The beginning of a request."""

    line: bytes
    """Method, target and version as sent, without the line's end."""
    client: str
    """Client address that a proxy wrote, the last it appended; empty: none."""


def request(data: bytes) -> Request | None:
    """Return the request that these bytes begin with; None when they begin with something else."""
    found = _REQUEST_LINE.match(data)
    if not found:
        return None
    client = ""
    if named := _FORWARDED_FOR.search(data):
        # The balancer appends: what comes last is its own word, what comes before the client's claim.
        client = named[1].split(b",")[-1].strip().decode("ascii", "replace")
    elif named := _FORWARDED.search(data):
        client = named[1].decode("ascii", "replace")
    return Request(found[0].rstrip(b"\r\n"), client)
