"""One kind of evidence a file, each a log-likelihood ratio for every proposed pair.

The room's contract: ``weigh(scene, front, back)`` returns one natural-log likelihood ratio a pair:
how much likelier the frames are if the two legs belong together than if they only happen to be in
the same capture; 0 where this kind of evidence was not seen.  A new kind is one file and one line
in :func:`kinds`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pcapdiag.flows.legs import Ints, Legs

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Scene:
    """What every kind of evidence may look at; legs are positions in `legs`."""

    legs: Legs
    fronts: Ints
    """Legs that may be fronts."""
    backs: Ints
    """Legs that may be backs."""
    self_addresses: Ints
    """Numbers of the balancer's own addresses; empty: not known."""
    trigger_ns: Ints
    """When a front gave the balancer reason to open a back (SYN, handshake, request); ascending."""
    trigger_leg: Ints
    """The front of each trigger."""
    rate: float
    """Fronts a nanosecond: the density of coincidence."""
    named_front: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    named_back: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    """Backs that name a front's client in an option, and that front."""


Weigh = Callable[[Scene, Ints, Ints], Floats]


def kinds() -> dict[str, Weigh]:
    """Return every kind of evidence by the name that reports print."""
    from pcapdiag.sessions.evidence import (
        content,
        equal_isn,
        kept_client,
        lengths,
        named_client,
        relay,
        timing,
    )

    return {
        "named-client": named_client.weigh,
        "equal-isn": equal_isn.weigh,
        "stream": content.weigh,
        "lengths": lengths.weigh,
        "client-address": kept_client.weigh,
        "time": timing.weigh,
        "relay": relay.weigh_data,
        "close": relay.weigh_close,
    }
