"""What examining a file yields."""

from dataclasses import dataclass

from pcapdiag.read import Account, Interface
from pcapdiag.report.model import Limit


@dataclass(frozen=True)
class Complaint:
    """One thing that is wrong with a file, or worth knowing."""

    what: str
    """A sentence."""
    now: str
    """What to do, a sentence; "": nothing."""
    wrong: bool
    """False: no fault of the file, only something its reader should know."""
    offset: int = -1
    """Where in the unpacked file; -1: at no one place."""
    frame: int = -1
    """The last good frame before it, or the first it is about; -1: none."""


@dataclass(frozen=True)
class Diagnosis:
    """One file."""

    name: str
    size: int
    """Bytes on disk."""
    account: Account
    interfaces: tuple[Interface, ...]
    flows: int
    """TCP connections found."""
    undecoded: dict[str, int]
    """Packets without TCP that could be reached, by reason, the most frequent first."""
    complaints: tuple[Complaint, ...]
    limits: tuple[Limit, ...]
    """What an analysis of this file alone would say that it cannot judge."""

    @property
    def wrong(self) -> bool:
        """Whether anything is wrong with the file."""
        return any(complaint.wrong for complaint in self.complaints)
