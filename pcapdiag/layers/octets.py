"""Integers and checksums in a packet's bytes, the same in plain Python and compiled.

The compiled form returns int64 always: an uint8 of numpy, shifted, would become uint64, which
mixes with int64 to a float.  Offsets are taken as unsigned, which spares the handling of negative
ones.  Callers check the offset before they read; compiled code checks it once more.
"""

from collections.abc import Callable
from typing import Any
from zlib import crc32

from pcapdiag.compiled import primitive

Octets = Any
"""memoryview when plain, uint8[:] when compiled."""


def _u8(data: Octets, at: int) -> Callable[..., Any]:
    from numba import int64, uint64

    def body(data: Octets, at: int) -> Any:
        return int64(data[uint64(at)])

    return body


def _u16(data: Octets, at: int) -> Callable[..., Any]:
    from numba import int64, uint64

    def body(data: Octets, at: int) -> Any:
        return int64(data[uint64(at)]) << 8 | int64(data[uint64(at + 1)])

    return body


def _u32(data: Octets, at: int) -> Callable[..., Any]:
    from numba import int64, uint64

    def body(data: Octets, at: int) -> Any:
        high = int64(data[uint64(at)]) << 24 | int64(data[uint64(at + 1)]) << 16
        return high | int64(data[uint64(at + 2)]) << 8 | int64(data[uint64(at + 3)])

    return body


def _u48(data: Octets, at: int) -> Callable[..., Any]:
    from numba import int64, uint64

    def body(data: Octets, at: int) -> Any:
        high = (
            int64(data[uint64(at)]) << 40
            | int64(data[uint64(at + 1)]) << 32
            | int64(data[uint64(at + 2)]) << 24
        )
        low = (
            int64(data[uint64(at + 3)]) << 16
            | int64(data[uint64(at + 4)]) << 8
            | int64(data[uint64(at + 5)])
        )
        return high | low

    return body


def _u16_little(data: Octets, at: int) -> Callable[..., Any]:
    from numba import int64, uint64

    def body(data: Octets, at: int) -> Any:
        return int64(data[uint64(at + 1)]) << 8 | int64(data[uint64(at)])

    return body


def _u32_little(data: Octets, at: int) -> Callable[..., Any]:
    from numba import int64, uint64

    def body(data: Octets, at: int) -> Any:
        high = int64(data[uint64(at + 3)]) << 24 | int64(data[uint64(at + 2)]) << 16
        return high | int64(data[uint64(at + 1)]) << 8 | int64(data[uint64(at)])

    return body


def _checksum(data: Octets, at: int, length: int, start: int) -> Callable[..., Any]:
    import numpy as np
    from numba import int64, uint8, uint32, uint64

    # Eight octets at a time (Kounavis and Berry, "A Systematic Approach to Building High Performance
    # Software-Based CRC Generators", 2005): row n is an octet followed by n zero octets.
    table = np.zeros((8, 256), dtype=np.uint32)
    for octet in range(256):
        table[0, octet] = _crc_of_octet(octet)
    for row in range(1, 8):
        table[row] = table[0][table[row - 1] & 0xFF] ^ table[row - 1] >> 8

    def body(data: Octets, at: int, length: int, start: int) -> Any:
        value = uint32(uint64(start) ^ uint64(0xFFFFFFFF))
        # A slice is checked once, not octet by octet.
        octets = data[at : at + length]
        size = uint64(min(length, len(octets)))
        place = uint64(0)
        while place + uint64(8) <= size:
            low = value
            for lane in range(4):
                low ^= uint32(octets[place + uint64(lane)]) << uint32(8 * lane)
            high = uint32(0)
            for lane in range(4):
                high ^= uint32(octets[place + uint64(lane + 4)]) << uint32(8 * lane)
            value = uint32(0)
            for lane in range(4):
                value ^= table[7 - lane, uint8(low >> uint32(8 * lane))]
                value ^= table[3 - lane, uint8(high >> uint32(8 * lane))]
            place += uint64(8)
        while place < size:
            value = table[0, uint8(value) ^ octets[place]] ^ (value >> uint32(8))
            place += uint64(1)
        return int64(value) ^ 0xFFFFFFFF

    return body


def _crc_of_octet(octet: int) -> int:
    for _ in range(8):
        octet = octet >> 1 ^ (0xEDB88320 if octet & 1 else 0)
    return octet


def _octets_of(array: Any) -> Callable[..., Any]:
    def body(array: Any) -> Any:
        return array

    return body


@primitive(_octets_of)
def octets_of(array: Any) -> Octets:
    """Return the octets of a numpy array as the functions below take them."""
    return memoryview(array)


@primitive(_u8)
def u8(data: Octets, at: int) -> int:
    """Return the octet at an offset."""
    return int(data[at])


@primitive(_u16)
def u16(data: Octets, at: int) -> int:
    """Return the big-endian 16-bit number at an offset."""
    return int(data[at] << 8 | data[at + 1])


@primitive(_u32)
def u32(data: Octets, at: int) -> int:
    """Return the big-endian 32-bit number at an offset."""
    return int(data[at] << 24 | data[at + 1] << 16 | data[at + 2] << 8 | data[at + 3])


@primitive(_u48)
def u48(data: Octets, at: int) -> int:
    """Return the big-endian 48-bit number (a MAC address) at an offset."""
    return int.from_bytes(data[at : at + 6], "big")


@primitive(_u16_little)
def u16_little(data: Octets, at: int) -> int:
    """Return the little-endian 16-bit number at an offset."""
    return int(data[at + 1] << 8 | data[at])


@primitive(_u32_little)
def u32_little(data: Octets, at: int) -> int:
    """Return the little-endian 32-bit number at an offset."""
    return int(data[at + 3] << 24 | data[at + 2] << 16 | data[at + 1] << 8 | data[at])


@primitive(_checksum)
def checksum(data: Octets, at: int, length: int, start: int) -> int:
    """Return the CRC-32 (ISO 3309) of `length` octets, carried on from the value `start`.

    `start` is 0 for a new sum, else the result for the octets before.
    """
    return crc32(data[at : at + length], start)
