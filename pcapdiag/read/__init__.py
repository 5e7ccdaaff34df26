"""From files to packet records: containers are opened here, headers are not looked into.

The room's contract: :func:`open_capture` returns a :class:`Capture`; iterating over it yields
:class:`Batch` values in file order, each a stretch of bytes with the records found in it.  A
batch's bytes are valid until the next but one is asked for.  :func:`open_captures` opens several files
and puts those of one ring buffer together into one capture; :func:`in_turn` and :func:`woven` do so with
captures of which more is known than their names.
"""

from pcapdiag.read.again import packets_at
from pcapdiag.read.ahead import ahead
from pcapdiag.read.capture import open_capture
from pcapdiag.read.model import (
    RECORD,
    Account,
    Batch,
    Capture,
    Interface,
    Part,
    Problem,
    Unreadable,
)
from pcapdiag.read.ring import in_turn, open_captures
from pcapdiag.read.source import is_capture
from pcapdiag.read.woven import MOST_STRANDS, woven

__all__ = [
    "MOST_STRANDS",
    "RECORD",
    "Account",
    "Batch",
    "Capture",
    "Interface",
    "Part",
    "Problem",
    "Unreadable",
    "ahead",
    "in_turn",
    "is_capture",
    "open_capture",
    "open_captures",
    "packets_at",
    "woven",
]
