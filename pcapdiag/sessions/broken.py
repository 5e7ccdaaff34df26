"""Which flows answered their user with an error, or broke off: bytes came back, and he was not served.

Only what frames prove counts: what the dialogue says of itself in the clear (:mod:`pcapdiag.flows.dialogue`),
and who ended it with a question still open.
"""

from dataclasses import dataclass

import numpy as np

from pcapdiag.flows.legs import Bools, Ints, Legs
from pcapdiag.flows.table import HANDSHAKES

ERROR = 400
"""Reply codes from here on refuse (RFC 9110 15.5, RFC 5321 4.2.1)."""

LEAVE = (205, 221)
"""Codes after which a server may close: it was told to (RFC 3977 5.4, RFC 5321 3.8, RFC 959 5.4)."""

AT_ONCE_NS = 1_000_000_000
"""Whoever closes this soon after the other side's last word may have been asked to."""

INITIATOR, RESPONDER = 0, 1
COMPLETE = HANDSHAKES.index("complete")


@dataclass(frozen=True)
class Broken:
    """One entry a leg."""

    proved: Bools
    """Its user was not served, as these frames say."""
    in_http: Bools
    """Of these: an HTTP/1 reply says so, or lacks what it announced."""
    in_clear: Bools
    """An HTTP/1 request or reply was read in it."""
    doubtful: Bools
    """It ended in a way that may have cost the user something."""


def broken(legs: Legs, ended_by_responder: Bools) -> Broken:
    """Return how the legs' dialogues ended; `ended_by_responder`: its FIN or RST came first."""
    flow = legs.flow
    last_ns = flow["last_data_ns"].astype(np.int64)
    finish, reset = (flow[name].astype(np.int64) for name in ("fin_ns", "reset_ns"))
    # What was not captured may be the answer.
    holes = np.maximum(flow["lost_segments"], flow["acked_unseen"])
    seamless: Bools = holes.max(axis=1) <= 0
    asked_last = (legs.column("last_speaker") == INITIATOR) & seamless
    answered_last = legs.column("last_speaker") == RESPONDER
    reset_by_responder = reset[:, RESPONDER] >= 0
    # Who goes himself sends a last word that nobody answers (TLS close_notify, QUIT).
    stays = (finish[:, INITIATOR] < 0) & (reset[:, INITIATOR] < 0)
    requests, replies = legs.column("http_requests"), legs.column("http_replies")
    # Of a packet that was cut nothing may be left to tell what it says.
    read = seamless & (legs.column("cut", RESPONDER) <= 0)
    closed_on = ended_by_responder & read
    in_http = (
        (legs.column("http_errors") > 0)
        | (ended_by_responder & (legs.column("reply_cut") == 1))
        | (closed_on & (replies > 0) & (requests > replies))
    )
    proved = (
        in_http
        | _not_understood(legs, requests, replies, seamless)
        | (flow["tls_alert"] >= 0).any(axis=1)
        | (legs.column("greeting") >= ERROR)
        | (closed_on & _amid_dialogue(legs))
        | (asked_last & reset_by_responder & stays)
    )
    hung_up = ended_by_responder & asked_last & stays
    hung_up &= finish[:, RESPONDER] - last_ns[:, INITIATOR] >= AT_ONCE_NS
    cut_off = answered_last & reset_by_responder & stays & (finish[:, RESPONDER] < 0)
    cut_off &= reset[:, RESPONDER] - last_ns[:, RESPONDER] < AT_ONCE_NS
    cut_off &= legs.column("reply_cut") != 0
    in_clear = (requests > 0) | (replies > 0)
    return Broken(proved, in_http, in_clear, (hung_up | cut_off) & ~proved)


def _not_understood(legs: Legs, requests: Ints, replies: Ints, seamless: Bools) -> Bools:
    """Return which were refused in HTTP though they spoke something else, TLS mostly."""
    other = (requests == 0) & (legs.column("prefix_length", INITIATOR) > 0)
    refused = (replies > 0) & (legs.column("http_status") >= ERROR)
    whole = seamless & (legs.column("handshake") == COMPLETE)
    found: Bools = other & refused & whole
    return found


def _amid_dialogue(legs: Legs) -> Bools:
    """Return where a server that greets and answers in codes (SMTP, FTP) had not said that it leaves.

    It must not close before it is told to (RFC 5321 3.8); an error of its own explains why it does.
    """
    last = legs.column("reply_code")
    explained = (last < 0) | (last >= ERROR)
    for code in LEAVE:
        explained |= last == code
    found: Bools = (legs.column("greeting") >= 0) & ~explained
    return found
