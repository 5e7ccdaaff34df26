"""What the user decides about one analysis: one frozen value, passed down as it is."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Endpoint:
    """An address with an optional port, as the user wrote it (``10.0.0.1`` or ``[2001:db8::1]:25``)."""

    address: str
    port: int | None = None


@dataclass(frozen=True)
class Settings:
    """Choices for one analysis; the defaults decide everything from the frames alone."""

    vips: tuple[Endpoint, ...] = ()
    """Virtual services the user named; empty: find them."""

    balancers: tuple[str, ...] = ()
    """Addresses the balancer owns, as named by the user; empty: find them."""

    servers: tuple[str, ...] = ()
    """Real servers the user named, each an address or a network in CIDR notation; empty: find them."""

    rules: tuple[Path, ...] = ()
    """More folders with rules, beside the shipped pack."""

    points: tuple[tuple[str, str], ...] = ()
    """Capture points the user named: (file as given, ``balancer|client|server|router``)."""

    sessions: str = "affected"
    """Which sessions the report lists: ``all``, ``affected`` or ``none``.  JSON always lists all."""

    compiled: bool | None = None
    """Run the kernels compiled (True) or uncompiled (False); None: whichever is sooner done."""
