"""Who ended a session, and after which silence: the first FIN or RST on either of its legs."""

from typing import Final

import numpy as np

from pcapdiag.facts.addresses import Columns, of_record, words_of
from pcapdiag.facts.backs import Backs, decisive
from pcapdiag.facts.fronts import Fronts
from pcapdiag.flows.legs import Ints
from pcapdiag.flows.result import Traffic
from pcapdiag.flows.table import NEVER

ENDERS: Final = ("client", "balancer", "server", "service")
"""`service`: whoever answers the client, where no back was captured."""
CLIENT, BALANCER, SERVER, SERVICE = range(len(ENDERS))


def ended_columns(traffic: Traffic, fronts: Fronts, backs: Backs) -> Columns:
    """Return the columns of `session` about its end."""
    main = decisive(fronts, backs)
    back = np.where(main >= 0, backs.record[main], -1) if len(backs.record) else main
    # Of two at one time the first is named: who closes, before who passes it on.
    ends = [
        (CLIENT, fronts.record, 0),
        (SERVER, back, 1),
        (BALANCER, fronts.record, 1),
        (BALANCER, back, 0),
    ]
    times, frames = zip(*(_end(traffic, leg, way) for _, leg, way in ends), strict=True)
    first, at = np.array(times).argmin(axis=0), np.arange(len(back))
    time = np.array(times)[first, at]
    seen = time < NEVER
    who = np.array([who for who, _, _ in ends])[first]
    who = np.where((who == BALANCER) & (back < 0), SERVICE, who)
    leg = np.array([leg for _, leg, _ in ends])[first, at]
    answered = of_record(traffic.flows["last_data_ns"][:, 1], leg)
    return {
        "ended_by": words_of(np.where(seen, who, -1), ENDERS),
        "ended_frame": np.where(seen, np.array(frames)[first, at], -1),
        "ended_idle_ns": np.where(seen & (answered >= 0) & (time >= answered), time - answered, -1),
    }


def _end(traffic: Traffic, record: Ints, direction: int) -> tuple[Ints, Ints]:
    """Return when one side of each record sent FIN or RST first, and in which frame; NEVER and -1: never."""
    flows = traffic.flows
    time = of_record(flows.end_ns[:, direction], record)
    return np.where(record >= 0, time, NEVER), of_record(flows.end_frame[:, direction], record)
