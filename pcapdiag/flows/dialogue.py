"""What a dialogue in the clear says of itself: HTTP/1 requests and replies, greetings, fatal TLS alerts.

Source: RFC 9112 (HTTP/1.1), RFC 9110 15 (status codes), RFC 5321 4.2 and RFC 959 4.2 (reply codes of servers
that speak first), RFC 8446 5.1 and 6 (records, alerts), HAProxy's proxy-protocol.txt 2.  Only what stands
at the beginning of a packet's payload is read, and of a reply's header what the same packet holds; all
else stays unknown.
"""

from typing import Any, Final

from pcapdiag.compiled import apart, kernel
from pcapdiag.flows.sequence import add, distance
from pcapdiag.layers.octets import Octets, u8, u16, u32
from pcapdiag.layers.packet import Packet
from pcapdiag.layers.tcp import FIN, RST

TO_RESPONDER: Final = 0
LINE_FEED, CARRIAGE_RETURN, SPACE, HYPHEN, UNDERSCORE = 10, 13, 32, 45, 95
ZERO, NINE, UPPER_A, UPPER_H, UPPER_Z = 48, 57, 65, 72, 90
HTTP: Final = 0x48545450
"""The octets "HTTP"."""
VERSION_1: Final = 0x2F312E
"""The octets "/1."."""
STATUS_LINE: Final = 12
"""Octets of "HTTP/1.1 200"."""
ALERT: Final = 21
"""TLS content type (RFC 8446 B.1)."""
ALERT_LENGTH: Final = 7
FATAL: Final = 2
LONGEST_METHOD: Final = 20
LONGEST_HEADER: Final = 8192
"""Octets looked through for a line's or a header's end."""
MOST_REPLIES: Final = 16
"""Of one packet."""
LARGEST_BODY: Final = 1 << 30
"""Sequence numbers tell no more (RFC 9293 3.4); a longer body's end stays unknown."""
BLANK_LINE: Final = 0x0D0A0D0A
"""CR LF CR LF, with which a chunked body ends (RFC 9112 7.1)."""
OTHER, HTTP_1, HTTP_2, TLS, PROXY, CODE, SSH = range(7)
"""Indexes into table.OPENINGS."""
HANDSHAKE_RECORD: Final = 0x1603
"""TLS content type and version, of a handshake (RFC 8446 5.1)."""
PREFACE, PROXY_1, PROXY_2, SSH_ID = 0x50524920, 0x50524F58, 0x000D0A51, 0x5353482D
"""The octets "PRI ", "PROX", those behind CR LF CR LF in PROXY's binary signature, and "SSH-"."""
NO_LENGTH, BY_LENGTH, BY_CHUNKS = range(3)
"""How a reply's end is known."""
CONT, ENT_, LENG, GTH_COLON = 0x636F6E74, 0x656E742D, 0x6C656E67, 0x6774683A
"""Pieces of "content-length:"."""
TRAN, SFER, _ENC, ODIN, ING_COLON = 0x7472616E, 0x73666572, 0x2D656E63, 0x6F64696E, 0x696E673A
"""Pieces of "transfer-encoding:"."""


@kernel
def listen(data: Octets, flow: Any, state: Any, packet: Packet, direction: int) -> None:
    """Take in what a packet's new payload says; the caller sees that there is some."""
    at, captured = packet["payload_at"], packet["payload_captured"]
    if captured < 4:
        if direction != TO_RESPONDER and state["body"] == BY_CHUNKS:
            follow_chunks(data, state, packet)
        return
    first = u8(data, at)
    if first == ALERT:
        hear_alert(data, flow, packet, direction)
    if direction == TO_RESPONDER:
        if UPPER_A <= first <= UPPER_Z:
            hear_request(data, flow, state, at, captured)
    else:
        if first == UPPER_H and u32(data, at) == HTTP:
            hear_replies(data, flow, state, packet)
        if flow["greeting"] >= 0 or (ZERO < first <= NINE and flow["first_data_frame"][0] < 0):
            hear_code(data, flow, packet, at)
        if state["body"] == BY_CHUNKS:
            follow_chunks(data, state, packet)
    if flow["first_data_frame"][direction] == packet["frame"]:
        hear_opening(data, flow, packet, direction)


@apart
def hear_opening(data: Octets, flow: Any, packet: Packet, direction: int) -> None:
    """Note what a stream begins with, where its beginning is known."""
    isn = int(flow["isn"][direction])
    if isn < 0 or packet["seq"] != add(isn, 1):
        return
    at = packet["payload_at"]
    word = u32(data, at)
    opening = OTHER
    asks = direction == TO_RESPONDER
    if (asks and flow["http_requests"] > 0) or (not asks and flow["http_replies"] > 0):
        opening = HTTP_1
    elif not asks and flow["greeting"] >= 0:
        opening = CODE
    elif word == PREFACE:
        opening = HTTP_2
    elif word >> 16 == HANDSHAKE_RECORD or flow["tls_alert"][direction] >= 0:
        opening = TLS
    elif word == PROXY_1 or (word == BLANK_LINE and follows_proxy_2(data, packet)):
        opening = PROXY
    elif word == SSH_ID:
        opening = SSH
    flow["opening"][direction] = opening


@kernel
def follows_proxy_2(data: Octets, packet: Packet) -> bool:
    """Tell whether the second word of PROXY's binary signature stands in its place."""
    return bool(packet["payload_captured"] >= 8 and u32(data, packet["payload_at"] + 4) == PROXY_2)


@apart
def hear_alert(data: Octets, flow: Any, packet: Packet, direction: int) -> None:
    """Note a fatal alert that was sent before encryption began."""
    at = packet["payload_at"]
    if packet["payload_captured"] < ALERT_LENGTH or flow["tls_alert"][direction] >= 0:
        return
    if u8(data, at + 1) == 3 and u16(data, at + 3) == 2 and u8(data, at + 5) == FATAL:
        flow["tls_alert"][direction] = u8(data, at + 6)
        flow["tls_alert_frame"][direction] = packet["frame"]


@apart
def hear_request(data: Octets, flow: Any, state: Any, at: int, captured: int) -> None:
    """Count a request line: METHOD target HTTP/1.x."""
    size = min(captured, LONGEST_HEADER)
    method = 0
    while method < min(size, LONGEST_METHOD) and is_method(u8(data, at + method)):
        method += 1
    if method < 3 or method == size or u8(data, at + method) != SPACE:
        return
    end = method
    while end < size and u8(data, at + end) != LINE_FEED:
        end += 1
    if end < size and u8(data, at + end - 1) == CARRIAGE_RETURN:
        end -= 1
    if end == size or end < method + 10 or not version_1(data, at + end - 8):
        return
    flow["http_requests"] += 1
    # A reply to HEAD announces a body that does not come (RFC 9110 9.3.2).
    state["head"] = 1 if method == 4 and u32(data, at) == 0x48454144 else 0


@kernel
def is_method(octet: int) -> bool:
    """Tell whether an octet may stand in a method as they are registered or were in use."""
    return UPPER_A <= octet <= UPPER_Z or octet in (HYPHEN, UNDERSCORE)


@kernel
def version_1(data: Octets, at: int) -> bool:
    """Tell whether "HTTP/1." stands here."""
    return bool(u32(data, at) == HTTP and u32(data, at + 3) & 0xFFFFFF == VERSION_1)


@apart
def hear_replies(data: Octets, flow: Any, state: Any, packet: Packet) -> None:
    """Count the replies that begin in a packet, and note where the last one will end."""
    at = packet["payload_at"]
    end = at + packet["payload_captured"]
    for _ in range(MOST_REPLIES):
        if end - at < STATUS_LINE or not version_1(data, at):
            return
        status = three_digits(data, at + 9)
        if status < 100:
            return
        state["body"] = NO_LENGTH
        note_status(flow, packet, status)
        header = hear_header(data, state, at, min(end, at + LONGEST_HEADER))
        if header < 0:
            state["body"] = NO_LENGTH
            return
        bare = status < 200 or status in (204, 304) or state["head"]
        if bare:
            state["body"] = NO_LENGTH
        # The upgrade to another protocol is final.
        if status >= 200 or status == 101:
            flow["http_replies"] += 1
        seq = add(packet["seq"], header - packet["payload_at"])
        length = 0 if bare else int(state["body_length"])
        if state["body"] == BY_LENGTH:
            state["body_end"] = add(seq, length)
        elif not bare:
            return
        if header + length >= end:
            return
        at = header + length


@kernel
def note_status(flow: Any, packet: Packet, status: int) -> None:
    """Note a reply's status."""
    if flow["http_status"] < 200:
        flow["http_status"] = status
    if status >= 500:
        flow["http_errors"] += 1
        if flow["http_error_frame"] < 0:
            flow["http_error_frame"] = packet["frame"]
            flow["http_error_status"] = status


@apart
def hear_header(data: Octets, state: Any, at: int, end: int) -> int:
    """Read how the body's end is told; return where the body begins, -1: not in these octets."""
    line = at
    for place in range(at, end):
        if u8(data, place) != LINE_FEED:
            continue
        size = place - line
        if size == 0 or (size == 1 and u8(data, line) == CARRIAGE_RETURN):
            return place + 1
        if size > 18 and is_transfer_encoding(data, line):
            state["body"] = BY_CHUNKS
            state["tail_end"] = -1
        # Both stand in a message only by mistake; chunks count (RFC 9112 6.3).
        elif size > 15 and state["body"] != BY_CHUNKS and is_content_length(data, line):
            length = decimal(data, line + 15, place)
            state["body"] = BY_LENGTH if 0 <= length < LARGEST_BODY else NO_LENGTH
            state["body_length"] = min(length, LARGEST_BODY)
        line = place + 1
    return -1


@kernel
def lower(data: Octets, at: int) -> int:
    """Return four octets with their letters in lower case; what has the bit anyway stays."""
    return u32(data, at) | 0x20202020


@kernel
def is_content_length(data: Octets, at: int) -> bool:
    """Tell whether "Content-Length:" stands here, whatever its case."""
    return bool(
        lower(data, at) == CONT
        and lower(data, at + 4) == ENT_
        and lower(data, at + 8) == LENG
        and lower(data, at + 11) == GTH_COLON
    )


@kernel
def is_transfer_encoding(data: Octets, at: int) -> bool:
    """Tell whether "Transfer-Encoding:" stands here, whatever its case."""
    return bool(
        lower(data, at) == TRAN
        and lower(data, at + 4) == SFER
        and lower(data, at + 8) == _ENC
        and lower(data, at + 12) == ODIN
        and lower(data, at + 14) == ING_COLON
    )


@kernel
def decimal(data: Octets, at: int, end: int) -> int:
    """Return the number behind optional spaces, bounded; -1: none."""
    while at < end and u8(data, at) == SPACE:
        at += 1
    if at >= end or not ZERO <= u8(data, at) <= NINE:
        return -1
    value = 0
    while at < end and ZERO <= u8(data, at) <= NINE and value < LARGEST_BODY:
        value = value * 10 + u8(data, at) - ZERO
        at += 1
    return value


@kernel
def three_digits(data: Octets, at: int) -> int:
    """Return a reply code, 100 to 599; -1: none stands here."""
    one, two, three = u8(data, at), u8(data, at + 1), u8(data, at + 2)
    if not (ZERO < one < ZERO + 6 and ZERO <= two <= NINE and ZERO <= three <= NINE):
        return -1
    return (one - ZERO) * 100 + (two - ZERO) * 10 + three - ZERO


@apart
def hear_code(data: Octets, flow: Any, packet: Packet, at: int) -> None:
    """Note the code of a greeting, and of what the server said last in such a dialogue."""
    code = three_digits(data, at)
    separator = u8(data, at + 3)
    if code >= 0 and separator != SPACE and separator != HYPHEN:
        code = -1
    if flow["greeting"] < 0:
        isn = int(flow["isn"][1])
        if code < 0 or isn < 0 or packet["seq"] != add(isn, 1):
            return
        flow["greeting"] = code
    flow["reply_code"] = code


@apart
def follow_chunks(data: Octets, state: Any, packet: Packet) -> None:
    """Keep the last four octets of a chunked body, as far as they were captured one after the other."""
    captured = packet["payload_captured"]
    follows = state["tail_end"] == packet["seq"]
    if captured < packet["payload"] or (captured < 4 and not follows):
        state["tail_end"] = -1
        return
    at = packet["payload_at"]
    tail = int(state["tail"]) if follows else 0
    for place in range(max(captured - 4, 0), captured):
        tail = (tail << 8 | u8(data, at + place)) & 0xFFFFFFFF
    state["tail"] = tail
    state["tail_end"] = add(packet["seq"], captured)


@kernel
def hear_end(flow: Any, state: Any, packet: Packet, direction: int) -> None:
    """At the responder's first FIN or RST, note whether its last reply was as long as announced."""
    if direction == TO_RESPONDER or flow["reply_cut"] >= 0 or state["body"] == NO_LENGTH:
        return
    if not packet["flags"] & (FIN | RST):
        return
    end = add(packet["seq"], packet["payload"])
    if packet["flags"] & RST and distance(end, int(state["next_seq"][1])) > 0:
        end = int(state["next_seq"][1])
    if state["body"] == BY_LENGTH:
        missing = distance(end, int(state["body_end"]))
        # An end before the body began is not this reply's.
        if missing <= state["body_length"]:
            flow["reply_cut"] = 1 if missing > 0 else 0
            flow["reply_missing"] = max(missing, 0)
    elif state["tail_end"] == end:
        flow["reply_cut"] = 0 if state["tail"] == BLANK_LINE else 1
