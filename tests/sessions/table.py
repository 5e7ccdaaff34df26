"""Flow tables written by hand: a record is what a test says, unknown elsewhere."""

from ipaddress import ip_address
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcapdiag.flows.events import EVENT, ICMP, NEIGHBOR
from pcapdiag.flows.result import CaptureFacts, Traffic
from pcapdiag.flows.table import CLOSES, FLOW, HANDSHAKES, FlowTable
from pcapdiag.read import Account

MS = 1_000_000
S = 1_000_000_000


def words(address: str) -> list[int]:
    """Return an address as the flow table holds it."""
    packed = ip_address(address).packed.ljust(16, b"\0")
    return [int.from_bytes(packed[at : at + 4], "big") for at in range(0, 16, 4)]


def leg(
    source: str,
    destination: str,
    start_ns: int,
    *,
    handshake: str = "complete",
    close: str = "fin",
    life_ns: int = 100 * MS,
    **columns: Any,
) -> NDArray[Any]:
    """Return one record; `source` and `destination` are address:port (IPv6 without brackets)."""
    row = np.zeros(1, FLOW)
    for name in FLOW.names or ():
        if FLOW[name].base.kind == "i":
            row[name] = -1
    (source_address, _, source_port) = source.rpartition(":")
    (address, _, port) = destination.rpartition(":")
    row["file"], row["ip_version"] = 0, ip_address(address).version
    row["address"][0] = [words(source_address), words(address)]
    row["port"][0] = [int(source_port), int(port)]
    for name in ("packets", "bytes", "retransmissions", "resets", "fins", "turns", "stuck_count"):
        row[name] = 0
    row["handshake"], row["close"] = HANDSHAKES.index(handshake), CLOSES.index(close)
    row["first_ns"], row["last_ns"] = start_ns, start_ns + life_ns
    row["syn_count"], row["syn_ns"], row["last_syn_ns"] = 1, start_ns, start_ns
    row["packets"] = 3
    if handshake == "complete":
        row["syn_ack_ns"], row["handshake_ns"] = start_ns + 10_000, start_ns + 20_000
    if handshake in ("unanswered", "refused"):
        row["packets"][0] = [1, int(handshake == "refused")]
    if handshake == "refused":
        row["reset_ns"][0, 1], row["resets"][0, 1] = start_ns + 10_000, 1
        row["last_ns"] = start_ns + 10_000
    for name, value in columns.items():
        row[name] = value
    return row


def traffic(*rows: NDArray[Any], events: NDArray[Any] | None = None) -> Traffic:
    """Return Traffic of one file with these records in order of time."""
    flows = np.concatenate(rows)
    flows = flows[np.argsort(flows["first_ns"], kind="stable")]
    number = np.arange(len(flows))
    flows["first_frame"], flows["whole"], flows["flow"] = 1 + 10 * number, number, number
    account = Account(last_ns=int(flows["last_ns"].max()), first_ns=int(flows["first_ns"].min()))
    return Traffic(
        flows=FlowTable(flows),
        events=np.zeros(0, EVENT) if events is None else events,
        neighbors=np.zeros(0, NEIGHBOR),
        icmp=np.zeros(0, ICMP),
        captures=(CaptureFacts("hand-made", account, (), {}),),
    )
