"""What one packet changes in one record of the flow table.

Source: RFC 9293 3.5 (handshake), 3.6 (close).
"""

from typing import Any, Final

from pcapdiag.compiled import kernel
from pcapdiag.flows import findings
from pcapdiag.flows.analysis import analyze
from pcapdiag.flows.dialogue import hear_end, listen
from pcapdiag.flows.listing import (
    ACKED_UNSEEN,
    DATA,
    FINISH,
    KEEP_ALIVE,
    OUT_OF_ORDER,
    RESET,
    RETRANSMISSION,
    SYN_ACK_SEEN,
    SYN_SEEN,
    TURN,
    ZERO_WINDOW,
    list_event,
)
from pcapdiag.flows.sequence import add, distance
from pcapdiag.flows.state import Tables
from pcapdiag.flows.stream import extend_prefix
from pcapdiag.layers.octets import Octets
from pcapdiag.layers.packet import Packet
from pcapdiag.layers.tcp import ACK, BEYOND, FIN, RST, SYN, TOO_SHORT

NOT_SEEN, UNANSWERED, REFUSED, PARTIAL, COMPLETE = range(5)
"""Indexes into table.HANDSHAKES."""
OPEN, FINISHED, WAS_RESET = range(3)
"""Indexes into table.CLOSES."""
HAS_SYN, HAS_SYN_ACK, HAS_ACK, HAS_DATA, HAS_FIN, HAS_RESET = 1, 2, 4, 8, 16, 32
"""Bits of `completeness`."""
TO_RESPONDER: Final = 0
TO_INITIATOR: Final = 1
LARGEST_SCALE: Final = 14
"""RFC 7323 2.3: a larger shift is to be taken as this."""


@kernel
def account(
    data: Octets, tables: Tables, record: int, packet: Packet, direction: int, listed: int
) -> None:
    """Count a packet in a record; `listed` 1: also write its events."""
    flow = tables.flows[record]
    state = tables.states[record]
    # What a header that is too short says counts for the sequence analysis alone, as in Wireshark.
    believed = packet["whole_header"] != TOO_SHORT
    flags = packet["flags"] if believed else 0
    count_frame(flow, state, packet, direction)
    if packet["fragment"]:
        flow["fragments"][direction] += packet["frames"]
        flow["fragment_overlaps"][direction] += packet["overlap"]
    if packet["window_scale"] >= 0:
        state["scale"][direction] = min(packet["window_scale"], LARGEST_SCALE)
    if flags & SYN:
        synchronize(flow, state, packet, direction)
    elif flags & ACK:
        state["after_syn"][direction] = 0
    found = 0
    # A header longer than its packet leaves open how much was sent.
    if packet["whole_header"] != BEYOND:
        found = analyze(tables, flow, state, packet, direction)
        # Wireshark does not come to show what it found when the options are cut off.
        if not packet["shown"]:
            found = 0
    if flags & (SYN | ACK) == ACK:
        note_round_trip(flow, state, packet)
    new_data = packet["payload"] > 0 and not found & (findings.NOT_NEW | findings.KEEP_ALIVE)
    count_findings(flow, packet, direction, found)
    if believed:
        shake_hands(flow, packet, direction)
    speaks = 0
    if packet["payload"] > 0:
        speaks = count_payload(flow, state, packet, direction, new_data)
        extend_prefix(data, flow, state, packet, direction)
        if new_data:
            listen(data, flow, state, packet, direction)
    if believed:
        complete(flow, packet, direction)
        hear_end(flow, state, packet, direction)
        close(flow, packet, direction)
    if packet["multipath"]:
        state["multipath"] |= packet["multipath"]
    if flags & SYN:
        state["after_syn"][direction] = 1
    if listed and believed:
        list_events(tables, record, packet, direction, found, speaks)


@kernel
def count_frame(flow: Any, state: Any, packet: Packet, direction: int) -> None:
    """Count the packet, its length, times, TTL and place."""
    ttl = packet["ttl"]
    if flow["packets"][direction] == 0:
        flow["mac"][direction, 0] = packet["source_mac"]
        flow["mac"][direction, 1] = packet["destination_mac"]
        flow["link_direction"][direction] = packet["link_direction"]
        flow["ttl"][direction] = ttl
        flow["ttl_low"][direction] = ttl
        flow["ttl_high"][direction] = ttl
        flow["ip_id"][direction] = packet["ip_id"]
    else:
        if (
            state["last_mac"][direction, 0] != packet["source_mac"]
            or state["last_mac"][direction, 1] != packet["destination_mac"]
        ):
            flow["mac_changes"][direction] += 1
        if ttl < flow["ttl_low"][direction]:
            flow["ttl_low"][direction] = ttl
        if ttl > flow["ttl_high"][direction]:
            flow["ttl_high"][direction] = ttl
    state["last_mac"][direction, 0] = packet["source_mac"]
    state["last_mac"][direction, 1] = packet["destination_mac"]
    flow["packets"][direction] += 1
    flow["bytes"][direction] += packet["payload"]
    flow["frame_bytes"][direction] += packet["wire"]
    if packet["captured"] < packet["wire"]:
        flow["cut"][direction] += 1
    if packet["ip_length"] > flow["largest_packet"][direction]:
        flow["largest_packet"][direction] = packet["ip_length"]
    flow["last_frame"] = packet["frame"]
    if packet["time_ns"] > flow["last_ns"]:
        flow["last_ns"] = packet["time_ns"]


@kernel
def synchronize(flow: Any, state: Any, packet: Packet, direction: int) -> None:
    """Note a SYN or a SYN-ACK: numbers, options and when it came."""
    answer = packet["flags"] & ACK
    scale = packet["window_scale"]
    if flow["isn"][direction] < 0:
        flow["isn"][direction] = packet["seq"]
        flow["mss"][direction] = packet["mss"]
        flow["window_scale"][direction] = scale
        flow["sack_permitted"][direction] = 1 if packet["sack_permitted"] == 1 else 0
        flow["timestamp"][direction] = packet["timestamp"]
        flow["syn_window"][direction] = packet["window"]
    if not answer:
        state["syn_ns"] = packet["time_ns"]
    # Options that were cut off leave open what was offered.
    if packet["shown"]:
        settle_scale(state, direction, answer)
    if not answer and direction == TO_RESPONDER:
        flow["syn_count"] += 1
        flow["last_syn_frame"] = packet["frame"]
        flow["last_syn_ns"] = packet["time_ns"]
        if flow["syn_frame"] < 0:
            flow["syn_frame"] = packet["frame"]
            flow["syn_ns"] = packet["time_ns"]
    elif answer and direction == TO_INITIATOR:
        flow["syn_ack_count"] += 1
        if flow["syn_ack_frame"] < 0:
            flow["syn_ack_frame"] = packet["frame"]
            flow["syn_ack_ns"] = packet["time_ns"]


@kernel
def settle_scale(state: Any, direction: int, answer: int) -> None:
    """Note whether windows are scaled: only when both sides offer it (RFC 7323 1.3)."""
    if state["scale"][direction] == -1:
        state["scale"][direction] = -2
        state["scale"][1 - direction] = -2
    elif answer and state["scale"][1 - direction] == -2:
        state["scale"][direction] = -2


@kernel
def note_round_trip(flow: Any, state: Any, packet: Packet) -> None:
    """Take the time from the last SYN to the first ACK without SYN as first round trip.

    Wireshark tries again with the next ACK where that is 0, so its patience is of another one.
    """
    if state["patience_ns"] == 0 and state["syn_ns"] > 0 and packet["time_ns"] >= 0:
        state["patience_ns"] = packet["time_ns"] - int(state["syn_ns"])
        if flow["first_rtt_ns"] < 0:
            flow["first_rtt_ns"] = max(0, int(state["patience_ns"]))


@kernel
def shake_hands(flow: Any, packet: Packet, direction: int) -> None:
    """Carry the handshake on: refused, unanswered, partial or complete."""
    before = int(flow["handshake"])
    if before in (COMPLETE, REFUSED):
        return
    flags = packet["flags"]
    if direction == TO_RESPONDER:
        if flow["syn_frame"] < 0:
            return
        if before == NOT_SEEN:
            flow["handshake"] = PARTIAL if flow["packets"][TO_INITIATOR] else UNANSWERED
        if flags & (SYN | RST) or not flags & ACK:
            return
        isn = int(flow["isn"][TO_INITIATOR])
        if flow["syn_ack_frame"] >= 0 and distance(add(isn, 1), packet["ack"]) >= 0:
            flow["handshake"] = COMPLETE
            flow["handshake_frame"] = packet["frame"]
            flow["handshake_ns"] = packet["time_ns"]
        else:
            flow["handshake"] = PARTIAL
    elif before == UNANSWERED:
        refused = flags & RST and flow["syn_ack_frame"] < 0
        flow["handshake"] = REFUSED if refused else PARTIAL
    elif before == NOT_SEEN and flow["syn_ack_frame"] >= 0:
        flow["handshake"] = PARTIAL


@kernel
def count_payload(flow: Any, state: Any, packet: Packet, direction: int, new_data: bool) -> int:
    """Count payload; return 1 for a direction's first payload, 2 when it speaks after the other."""
    time_ns = packet["time_ns"]
    length = packet["payload"]
    if length > flow["largest_payload"][direction]:
        flow["largest_payload"][direction] = length
    last = int(flow["last_data_ns"][direction])
    if last >= 0 and time_ns - last > flow["longest_silence_ns"][direction]:
        flow["longest_silence_ns"][direction] = time_ns - last
    flow["last_data_ns"][direction] = time_ns
    speaks = 0
    if flow["first_data_frame"][direction] < 0:
        flow["first_data_frame"][direction] = packet["frame"]
        flow["first_data_ns"][direction] = time_ns
        flow["first_data_position"][direction] = packet["position"]
        speaks = 1
    if new_data and flow["last_speaker"] != direction:
        flow["last_speaker"] = direction
        flow["turns"][direction] += 1
        if speaks == 0:
            speaks = 2
    return speaks


@kernel
def count_findings(flow: Any, packet: Packet, direction: int, found: int) -> None:
    """Count what the sequence analysis found."""
    ack = packet["ack"]
    if packet["flags"] & ACK:
        highest = int(flow["highest_ack"][direction])
        if highest < 0 or distance(highest, ack) > 0:
            flow["highest_ack"][direction] = ack
    if found == 0:
        return
    if found & findings.ANY_RETRANSMISSION:
        flow["retransmissions"][direction] += 1
        flow["repeated_frame"][direction] = packet["frame"]
        if packet["payload"] > 0:
            flow["data_retransmissions"][direction] += 1
        if packet["payload"] > flow["repeated_payload"][direction]:
            flow["repeated_payload"][direction] = packet["payload"]
    if found & findings.FAST_RETRANSMISSION:
        flow["fast_retransmissions"][direction] += 1
    if found & findings.SPURIOUS_RETRANSMISSION:
        flow["spurious_retransmissions"][direction] += 1
    if found & findings.OUT_OF_ORDER:
        flow["out_of_order"][direction] += 1
    if found & findings.LOST_SEGMENT:
        flow["lost_segments"][direction] += 1
    if found & findings.ACKED_UNSEEN:
        flow["acked_unseen"][direction] += 1
    if found & findings.DUPLICATE_ACK:
        flow["duplicate_acks"][direction] += 1
    if found & findings.KEEP_ALIVE:
        flow["keep_alives"][direction] += 1
    if found & findings.ZERO_WINDOW:
        flow["zero_windows"][direction] += 1
    if found & findings.ZERO_WINDOW_PROBE:
        flow["zero_window_probes"][direction] += 1
    if found & findings.KEEP_ALIVE_ACK:
        flow["keep_alive_acks"][direction] += 1
    if found & findings.ZERO_WINDOW_PROBE_ACK:
        flow["zero_window_probe_acks"][direction] += 1
    if found & findings.WINDOW_FULL:
        flow["window_full"][direction] += 1
    if found & findings.WINDOW_UPDATE:
        flow["window_updates"][direction] += 1


@kernel
def complete(flow: Any, packet: Packet, direction: int) -> None:
    """Note which parts of a conversation were seen, as Wireshark's ``tcp.completeness``."""
    flags = packet["flags"]
    parts = 0
    if flags & SYN:
        parts = HAS_SYN_ACK if flags & ACK else 0
    elif flags & ACK:
        parts = HAS_DATA if packet["payload"] > 0 else HAS_ACK
        if parts == HAS_ACK and not flags & (FIN | RST) and flow["pure_ack_frame"][direction] < 0:
            flow["pure_ack_frame"][direction] = packet["frame"]
    # Of a conversation's first packet Wireshark takes in a SYN only, and that of no other.
    if flow["packets"][0] + flow["packets"][1] == 1:
        if flags & (SYN | ACK) == SYN:
            flow["completeness"] = HAS_SYN
            if packet["payload"] > 0 and not flow["reused_ports"]:
                flow["completeness"] = HAS_SYN | HAS_DATA
        if not flow["reused_ports"]:
            return
    if flags & FIN and flags & ACK:
        parts |= HAS_FIN
    if flags & RST:
        parts |= HAS_RESET
    flow["completeness"] |= parts


@kernel
def close(flow: Any, packet: Packet, direction: int) -> None:
    """Note FIN and RST and what closed the flow."""
    flags = packet["flags"]
    if flags & FIN:
        flow["fins"][direction] += 1
        if flow["fin_frame"][direction] < 0:
            flow["fin_frame"][direction] = packet["frame"]
            flow["fin_ns"][direction] = packet["time_ns"]
    if flags & RST:
        flow["resets"][direction] += 1
        if flow["reset_frame"][direction] < 0:
            flow["reset_frame"][direction] = packet["frame"]
            flow["reset_ns"][direction] = packet["time_ns"]
            flow["reset_ttl"][direction] = packet["ttl"]
        if flow["close"] == OPEN:
            flow["close"] = WAS_RESET
    if flow["close"] == OPEN and flow["fins"][0] > 0 and flow["fins"][1] > 0:
        flow["close"] = FINISHED


@kernel
def list_events(
    tables: Tables, record: int, packet: Packet, direction: int, found: int, speaks: int
) -> None:
    """Write the events of a packet."""
    flags = packet["flags"]
    if flags & SYN:
        kind = SYN_ACK_SEEN if flags & ACK else SYN_SEEN
        list_event(tables, record, packet, direction, kind)
    if flags & FIN:
        list_event(tables, record, packet, direction, FINISH)
    if flags & RST:
        list_event(tables, record, packet, direction, RESET)
    if speaks == 1:
        list_event(tables, record, packet, direction, DATA)
    elif speaks == 2:
        list_event(tables, record, packet, direction, TURN)
    if found == 0:
        return
    if found & findings.ANY_RETRANSMISSION:
        list_event(tables, record, packet, direction, RETRANSMISSION)
    if found & findings.OUT_OF_ORDER:
        list_event(tables, record, packet, direction, OUT_OF_ORDER)
    if found & findings.ZERO_WINDOW:
        list_event(tables, record, packet, direction, ZERO_WINDOW)
    if found & findings.KEEP_ALIVE:
        list_event(tables, record, packet, direction, KEEP_ALIVE)
    if found & findings.ACKED_UNSEEN:
        list_event(tables, record, packet, direction, ACKED_UNSEEN)
