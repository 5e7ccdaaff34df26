"""Machine code of one kernel, as it is made, kept and loaded."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Self


@dataclass(frozen=True)
class Code:
    """An object file and how to call the function in it."""

    machine: str
    """The processor it was made for."""
    symbol: str
    """Name of the function in the object file."""
    returns: str
    """Type of what comes back, a letter each: `i` int64, `b` bool; nothing is "", more is a tuple."""
    octets: bytes
    """The object file (ELF, Mach-O or COFF, as LLVM makes it here)."""

    def to_bytes(self) -> bytes:
        """Return it as a file that :meth:`from_bytes` reads."""
        head = "\n".join((self.machine, self.symbol, self.returns)).encode()
        body = head + b"\n" + self.octets
        return sha256(body).digest() + body

    @classmethod
    def from_bytes(cls, data: bytes) -> Self | None:
        """Return what a file holds; None: it was cut or changed (LLVM would end the process)."""
        seal, body = data[:32], data[32:]
        if sha256(body).digest() != seal:
            return None
        machine, symbol, returns, octets = body.split(b"\n", 3)
        return cls(machine.decode(), symbol.decode(), returns.decode(), octets)
