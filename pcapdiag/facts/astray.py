"""SYN-ACKs that leave for another MAC than the one their SYN came from: answers past the balancer.

Seen only where both are: on the server, or on its side of the network.  A connection that several
captures show has the same end points and sequence number in each.
"""

import numpy as np

from pcapdiag.facts.addresses import Columns, Numbered, Text, file_texts, mac_texts, of_record
from pcapdiag.flows import keys
from pcapdiag.flows.legs import Ints
from pcapdiag.flows.result import Traffic
from pcapdiag.flows.table import HANDSHAKES, FlowTable
from pcapdiag.topology.clients import by_value, claims


def astray_columns(traffic: Traffic, numbered: Numbered) -> Columns:
    """Return the columns of `flow` and `hop` about answers that went astray."""
    flows = traffic.flows
    own = astray(flows)
    shown = _shown_by(flows, numbered, own)
    mac = of_record(flows["mac"][:, 1, 1], shown)
    return {
        "answer_astray": np.where(shown >= 0, 1, own),
        "astray_file": file_texts(traffic, of_record(flows["file"], shown)),
        "astray_frame": of_record(flows["syn_ack_frame"], shown),
        "astray_mac": mac_texts(mac),
        "astray_hop": _hop_texts(traffic, numbered, shown, mac),
        "astray_to_client": _to_client(traffic, numbered, shown, mac),
    }


def _hop_texts(traffic: Traffic, numbered: Numbered, shown: Ints, mac: Ints) -> Text:
    """Return the MACs with the address that claims each; clients' addresses do not count."""
    texts = mac_texts(mac)
    if not (shown >= 0).any():
        return texts
    owners = dict[int, str]()
    claimed = claims(traffic.neighbors)
    for address in sorted(claimed, key=by_value):
        # A router that answers for its clients (proxy ARP) claims their addresses, too.
        if not (numbered.flow[:, 0] == numbered.book.number(address)).any():
            for each in claimed[address]:
                owners.setdefault(each, str(address))
    for record in np.flatnonzero(shown >= 0).tolist():  # few: only failed connections
        if int(mac[record]) in owners:
            texts[record] = f"{owners[int(mac[record])]} ({texts[record]})"
    return texts


def _to_client(traffic: Traffic, numbered: Numbered, shown: Ints, mac: Ints) -> Ints:
    """Return 1 where that MAC is one that the initiator claims for itself; -1: nothing went astray."""
    found = np.full(len(shown), -1, np.int64)
    if not (shown >= 0).any():
        return found
    claimed = claims(traffic.neighbors)
    owners = {
        (numbered.book.number(address), mac) for address, macs in claimed.items() for mac in macs
    }
    for record in np.flatnonzero(shown >= 0).tolist():  # few: only failed connections
        found[record] = (int(numbered.flow[record, 0]), int(mac[record])) in owners
    return found


def astray(flows: FlowTable) -> Ints:
    """Return 1 where the SYN-ACK did not go back where the SYN came from, and nobody took it.

    0: it did, or the handshake was completed all the same (routers in pairs answer from two MACs), or
    nothing shows that the SYN's sender is answered at all; -1: not to be seen.
    """
    came_from, went_to = flows["mac"][:, 0, 0], flows["mac"][:, 1, 1]
    known = (came_from >= 0) & (went_to >= 0) & (flows["syn_ack_count"] > 0)
    refused = flows["resets"][:, 0] > 0
    complete = flows["handshake"] == HANDSHAKES.index("complete")
    # One SYN, and an RST from where it came from: its sender got the answer, and wanted no more.
    two_senders = flows["mac_changes"][:, 0] > 0
    elsewhere = refused & (two_senders | (flows["syn_count"] > 1))
    lost = ~complete & (elsewhere | (flows["syn_ack_count"] > 1))
    # A MAC whose other connections are answered to itself forwards for others: without that
    # contrast, differing MACs may be the network's habit (router pairs, made-up link headers).
    # A check of the port alone ends by RST once the SYN-ACK came.
    heard = complete | (refused & (flows["syn_count"] == 1))
    fair = known & (came_from == went_to) & heard
    place = flows["file"].astype(np.int64) << 48 | came_from
    forwarder = keys.among(place, place[fair])
    # Nor is that contrast needed where the initiator's packets come from two MACs, and its SYN goes on
    # after the RST: who refused the answer is not who waits for it.
    waits = flows["last_syn_ns"] > flows["reset_ns"][:, 0]
    found = np.where(
        known, (came_from != went_to) & lost & (forwarder | (refused & waits & two_senders)), -1
    )
    return found.astype(np.int64)


def _shown_by(flows: FlowTable, numbered: Numbered, own: Ints) -> Ints:
    """Return for each record the first record of the same connection that is astray; -1: none."""
    shown = np.full(len(flows), -1, np.int64)
    chosen = np.flatnonzero(own == 1)
    if not len(chosen):
        return shown
    key = np.column_stack([numbered.flow, flows["port"], flows["isn"][:, 0]])
    wanted = {
        tuple(row): record
        for record, row in reversed([*zip(chosen.tolist(), key[chosen].tolist(), strict=True)])
    }
    same = np.flatnonzero(keys.among(flows["isn"][:, 0], flows["isn"][chosen, 0]))
    for record, row in zip(same.tolist(), key[same].tolist(), strict=True):
        shown[record] = wanted.get(tuple(row), -1)
    return shown
