"""Every column of every table that rules and queries may read: name, type, unit, meaning.

The columns of a table stand where they are filled; one that is not there does not exist.  NULL is
"not seen" or "does not apply" everywhere.
"""

from typing import Final

from pcapdiag.facts.asked import QUESTION
from pcapdiag.facts.captures import CAPTURE
from pcapdiag.facts.columns import Table
from pcapdiag.facts.connections import BACK, FLOW, HOP
from pcapdiag.facts.f5 import F5
from pcapdiag.facts.f5_capture import F5_CAPTURE
from pcapdiag.facts.hosts import HOST
from pcapdiag.facts.nstrace import NSTRACE
from pcapdiag.facts.others import OTHERS
from pcapdiag.facts.raw import EVENT, ICMP, NEIGHBOR
from pcapdiag.facts.servers import SERVER
from pcapdiag.facts.sessions import SESSION
from pcapdiag.facts.toa import TOA
from pcapdiag.facts.vips import VIP

TABLES: Final = (
    Table("flow", "one row a TCP connection, every frame of it counted as tshark does", FLOW),
    Table(
        "hop", "one row a place where a connection was seen; one row where it has no copies", HOP
    ),
    Table("session", "one row a session, health checks included", SESSION),
    Table(
        "back",
        "one row a back of a session: the columns of `hop`, and what it is to its session",
        BACK,
    ),
    Table("vip", "one row a virtual service", VIP),
    Table("server", "one row a real server and port", SERVER),
    Table("host", "one row an address", HOST),
    Table(
        "question", "what real servers asked for in ARP or ND right after forwarded SYNs", QUESTION
    ),
    Table("event", "one row a packet worth citing", EVENT),
    Table("f5", "one row an event whose frame carries the trailer of an F5 BIG-IP", F5),
    Table("f5_capture", "one row a file that begins with what an F5 tells of itself", F5_CAPTURE),
    Table("toa", "one row an option that names the client (TOA, UOA), or may", TOA),
    Table("nstrace", "one row an event in a NetScaler's own trace, with what it told", NSTRACE),
    Table("neighbor", "one row an ARP or neighbour discovery packet", NEIGHBOR),
    Table("icmp", "one row an ICMP error or redirect", ICMP),
    Table("capture", "one row an input file", (*CAPTURE, *OTHERS)),
)


def table_named(name: str) -> Table:
    """Return a table by its name; raises KeyError."""
    return {entry.name: entry for entry in TABLES}[name]
