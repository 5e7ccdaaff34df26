"""Who ended a connection, and how long one side waited for an answer before it did.

Source: RFC 9293 3.6 (who closes), 3.5.2 (reset).
"""

import numpy as np

from pcapdiag.flows.legs import Ints
from pcapdiag.flows.table import NEVER, FlowTable

ENDERS = ("initiator", "responder")
"""Words for whoever ended a connection."""


def ended_by(flows: FlowTable) -> Ints:
    """Return whose FIN or RST came first, as index into ENDERS; -1: neither seen."""
    first = flows.end_ns
    found = np.where(first[:, 1] < first[:, 0], 1, 0)
    found[(first == NEVER).all(axis=1)] = -1
    return found.astype(np.int64)


def silent_ns(flows: FlowTable) -> Ints:
    """Return how long the initiator waited in vain before it ended the connection itself; -1: it did not.

    From its last payload, or the handshake where it sent none; not a byte came back.
    """
    end = flows.end_ns[:, 0]
    said = np.maximum(flows["handshake_ns"], flows["last_data_ns"][:, 0])
    waited = (ended_by(flows) == 0) & (flows["handshake_ns"] >= 0) & ~flows.served
    return np.where(waited & (end >= said), end - said, -1).astype(np.int64)
