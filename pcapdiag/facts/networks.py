"""The networks that a service forwards in one way or the other: columns of `vip`."""

from functools import partial

import numpy as np

from pcapdiag.facts.addresses import AddressBook, Columns, of_record
from pcapdiag.facts.backs import CLIENT, Backs, decisive
from pcapdiag.facts.fronts import Fronts
from pcapdiag.facts.roles import Roles
from pcapdiag.flows import keys
from pcapdiag.flows.legs import Bools, Ints
from pcapdiag.sessions.model import ONE_WAY


def network_columns(
    book: AddressBook, vip_of: Ints, fronts: Fronts, backs: Backs, roles: Roles, count: int
) -> Columns:
    """Return per virtual service the networks of its SNATed and its kept clients."""
    main = decisive(fronts, backs)
    kept = (
        (main >= 0)
        & (of_record(backs.source_kind, main) == CLIENT)
        & ~keys.among(fronts.mode, ONE_WAY)
    )
    snat = (main >= 0) & keys.among(fronts.mode, ["snat", "full-nat"])
    snats, kepts, locals_ = list[Ints](), list[Ints](), list[Ints]()
    for vip in range(count):
        mine = vip_of == vip
        snats.append(_clients(fronts, mine & snat))
        kepts.append(_clients(fronts, mine & kept))
        sources = backs.source[main[mine & snat]]
        locals_.append(keys.union(snats[-1], sources))
    inside_snat = map(partial(_inside, book), snats, kepts)
    inside_local = map(partial(_inside, book), locals_, kepts)
    both = (int(keys.among(*each).sum()) for each in zip(snats, kepts, strict=True))
    return {
        "snat_network": np.array([_network(book, each) for each in snats], object),
        "kept_network": np.array([_network(book, each) for each in kepts], object),
        "local_network": np.array([_network(book, each) for each in locals_], object),
        "snat_clients": np.array([*map(len, snats)], np.int64),
        "kept_clients": np.array([*map(len, kepts)], np.int64),
        "kept_inside_snat": np.array([*inside_snat], np.int64),
        "kept_inside_local": np.array([*inside_local], np.int64),
        "in_both": np.array([*both], np.int64),
        "snat_on_link": np.array([keys.among(s, roles.on_link).sum() for s in snats], np.int64),
        "kept_on_link": np.array([keys.among(k, roles.on_link).sum() for k in kepts], np.int64),
    }


def _clients(fronts: Fronts, chosen: Bools) -> Ints:
    clients: Ints = keys.distinct(fronts.client[chosen & (fronts.client >= 0)])
    return clients


def _network(book: AddressBook, clients: Ints) -> str:
    if not len(clients):
        return ""
    network = book.network(int(clients[0]), int(clients[-1]))
    return "" if network is None else str(network)


def _inside(book: AddressBook, ones: Ints, others: Ints) -> int:
    """Count the others that lie within the network of the ones."""
    network = book.network(int(ones[0]), int(ones[-1])) if len(ones) else None
    if network is None:
        return 0
    first, end = book.inside(network)
    return int(((others >= first) & (others < end)).sum())
