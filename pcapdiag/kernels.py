"""Kernels: loops over bytes that run as plain Python on small inputs and compiled by numba on large ones.

``@kernel`` marks a function and changes nothing about it.  ``compiled(function)`` gives the compiled version
of it and of every kernel it calls.  Both must compute the same: kernels use int64 arithmetic with explicit
masks, and read bytes only through the primitives below, whose plain versions take a memoryview (Python
integers) and whose compiled versions take a uint8 array.
"""

import hashlib
import os
import shutil
import sys
import zlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

_MARKED: list[Callable[..., Any]] = []


def kernel(function: F) -> F:
    """Mark a function as part of a kernel."""
    _MARKED.append(function)
    return function


def u8(data: Any, at: int) -> int:
    """Return the byte at an offset."""
    value: int = data[at]
    return value


def u16(data: Any, at: int) -> int:
    """Return two bytes, big endian."""
    value: int = data[at] << 8 | data[at + 1]
    return value


def u32(data: Any, at: int) -> int:
    """Return four bytes, big endian."""
    value: int = data[at] << 24 | data[at + 1] << 16 | data[at + 2] << 8 | data[at + 3]
    return value


def u48(data: Any, at: int) -> int:
    """Return six bytes, big endian: a MAC address as a number."""
    return u16(data, at) << 32 | u32(data, at + 2)


def crc32(data: Any, at: int, end: int, value: int) -> int:
    """Return the CRC-32 (IEEE 802.3) of data[at:end] continued from `value`; 0 begins."""
    return zlib.crc32(data[at:end], value)


def cache_folder() -> Path | None:
    """Return where compiled kernels are kept, one folder a version of their sources; None: nowhere."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path("~/.cache").expanduser())
    return Path(base) / "pcapdiag" / f"kernels-{_fingerprint()}"


@lru_cache(maxsize=1)
def _fingerprint() -> str:
    """Return a hash of everything that compiled code depends on."""
    import importlib.metadata

    digest = hashlib.sha256()
    here = Path(__file__).parent
    for path in sorted([Path(__file__), *here.glob("layers/*.py"), *here.glob("flows/*.py"), *here.glob("read/*.py")]):
        digest.update(path.read_bytes())
    for name in ("numba", "numpy", "llvmlite"):
        digest.update(importlib.metadata.version(name).encode())
    digest.update(sys.version.encode())
    return digest.hexdigest()[:20]


def is_cached() -> bool:
    """Return whether compiled kernels lie ready, so that compiling costs nothing."""
    folder = cache_folder()
    return folder is not None and (folder / "complete").exists()


def remember_cached() -> None:
    """Note that the kernels are compiled and stored, and remove those of other versions."""
    folder = cache_folder()
    if folder is None or not folder.is_dir():
        return
    try:
        (folder / "complete").touch()
        for other in folder.parent.glob("kernels-*"):
            if other != folder:
                shutil.rmtree(other, ignore_errors=True)
    except OSError:  # A read-only home: compiled code then lives as long as the process.
        return


@lru_cache(maxsize=None)
def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the compiled version of a kernel; the first call compiles or loads it."""
    numba = _prepared()
    return numba.njit(nogil=True, boundscheck=True, cache=_cacheable())(function)  # type: ignore[no-any-return]


@lru_cache(maxsize=1)
def _cacheable() -> bool:
    folder = cache_folder()
    if folder is None:
        return False
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)


@lru_cache(maxsize=1)
def _prepared() -> Any:
    """Import numba, give the primitives their compiled bodies, and let kernels call each other."""
    import numba
    import numpy as np
    from numba.extending import overload, register_jitable

    if _cacheable():
        # Numba's own cache does not notice a change in a file that the cached one calls: the folder's
        # name is a hash of all kernel sources instead.
        numba.config.CACHE_DIR = str(cache_folder())
    table = np.array([_crc_of(byte) for byte in range(256)], np.int64)

    @overload(u8)
    def _u8(data: Any, at: int) -> Any:
        return lambda data, at: np.int64(data[at])

    @overload(u16)
    def _u16(data: Any, at: int) -> Any:
        return lambda data, at: np.int64(data[at]) << 8 | np.int64(data[at + 1])

    @overload(u32)
    def _u32(data: Any, at: int) -> Any:
        return lambda data, at: (
            np.int64(data[at]) << 24
            | np.int64(data[at + 1]) << 16
            | np.int64(data[at + 2]) << 8
            | np.int64(data[at + 3])
        )

    @overload(crc32)
    def _crc32(data: Any, at: int, end: int, value: int) -> Any:
        def body(data: Any, at: int, end: int, value: int) -> int:
            crc = np.int64(value) ^ 0xFFFFFFFF
            for offset in range(at, end):
                crc = table[(crc ^ np.int64(data[offset])) & 0xFF] ^ (crc >> 8)
            return crc ^ 0xFFFFFFFF

        return body

    register_jitable(u48)
    for function in _MARKED:
        register_jitable(function)
    return numba


def _crc_of(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ (0xEDB88320 if byte & 1 else 0)
    return byte
