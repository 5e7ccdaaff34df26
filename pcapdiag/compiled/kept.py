"""The folder of the user in which machine code is kept from one run to the next."""

import hashlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from shutil import rmtree
from typing import Any, Final

from pcapdiag.compiled.code import Code
from pcapdiag.compiled.marks import KERNELS, PRIMITIVES

_KEPT_S: Final = 30 * 24 * 3600
_MAKING_S: Final = 300
"""Whoever has not made it by then was killed: it takes a minute, and 600 MB."""
_PROGRAM: Final = __name__.partition(".")[0]


class Making(Enum):
    """Whether machine code that is not there is being made."""

    NONE = "none"
    UNDER_WAY = "under way"
    FAILED = "failed"


def find(function: Callable[..., Any], signature: str) -> Code | None:
    """Return the machine code for such arguments; None: there is none, or it is damaged."""
    try:
        return Code.from_bytes(path_of(function, signature).read_bytes())
    except OSError:
        return None


def keep(function: Callable[..., Any], signature: str, code: Code) -> None:
    """Write machine code for later runs; where the folder cannot be written it is not kept."""
    path = path_of(function, signature)
    # Another process may be writing the same, or reading it.
    with suppress(OSError):  # a read-only home is no reason to fail
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            made = Path(folder, path.name)
            made.write_bytes(code.to_bytes())
            made.replace(path)
        _remove_unused(path.parent)


@contextmanager
def making(function: Callable[..., Any], signature: str) -> Iterator[None]:
    """Let other processes know that this code is being made; a mark that stays says that making it failed."""
    mark = _mark(function, signature)
    with suppress(OSError):
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.write_bytes(b"")
    made = False
    try:
        yield
        made = True
    finally:
        with suppress(OSError):
            if made:
                mark.unlink()
            else:
                os.utime(mark, (0, 0))  # as old as one of a killed process: nobody need wait for it


def making_of(function: Callable[..., Any], signature: str) -> Making:
    """Tell whether somebody is making this code, or died of it."""
    try:
        age = time.time() - _mark(function, signature).stat().st_mtime
    except OSError:
        return Making.NONE
    return Making.FAILED if age > _MAKING_S else Making.UNDER_WAY


def _mark(function: Callable[..., Any], signature: str) -> Path:
    return path_of(function, signature).with_suffix(".making")


def path_of(function: Callable[..., Any], signature: str) -> Path:
    """Return the file for a kernel and such arguments."""
    digest = hashlib.sha256(signature.encode()).hexdigest()[:16]
    return folder_of(function) / f"{function.__module__}.{function.__qualname__}-{digest}.code"


def folder_of(function: Callable[..., Any]) -> Path:
    """Return the folder for a kernel.

    Its name changes with whatever the code depends on but the processor: all kernels of the program, and
    the function's own module.
    """
    modules = {each.__module__ for each in (*KERNELS, *(plain for plain, _ in PRIMITIVES))}
    ours = {each for each in modules if each.startswith(f"{_PROGRAM}.")} | {function.__module__}
    return _root() / f"kernels-{_seal(frozenset(ours))}"


@cache
def _seal(modules: frozenset[str]) -> str:
    seal = hashlib.sha256()
    for name in ("numba", "numpy", "llvmlite"):
        seal.update(_version(name))
    seal.update(sys.version.encode())
    sources = [str(sys.modules[module].__file__) for module in sorted(modules)]
    for path in (*sorted(Path(__file__).parent.glob("*.py")), *map(Path, sources)):
        seal.update(path.read_bytes())
    return seal.hexdigest()[:16]


def _version(library: str) -> bytes:
    """Return what names a library's version, without importing it.

    Most have a small file that does; the metadata of a package take ten times longer to read.
    """
    spec = find_spec(library)
    if spec is not None and spec.origin is not None:
        for name in ("_version.py", "version.py"):
            with suppress(OSError):
                return Path(spec.origin).with_name(name).read_bytes()
    from importlib.metadata import version

    return version(library).encode()


def _root() -> Path:
    named = os.environ.get("XDG_CACHE_HOME")
    base = Path(named) if named else Path.home() / ".cache"
    return base / "pcapdiag"


def _remove_unused(folder: Path) -> None:
    """Remove code of other sources that nobody has made or asked for lately."""
    now = folder.stat().st_mtime
    for other in folder.parent.glob("kernels-*"):
        # Other versions may be running at this moment.
        if now - other.stat().st_mtime > _KEPT_S:
            rmtree(other, ignore_errors=True)
