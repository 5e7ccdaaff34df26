"""One source, two ways to run: kernel functions as plain Python, or compiled by numba.

A kernel function is written in the subset of Python both understand and marked with
:func:`kernel`.  Called directly it is ordinary Python (no numba import: the first verdict waits
for no compiler); :func:`compiled` gives the machine code of the same functions.
"""

import hashlib
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from os import environ
from pathlib import Path
from shutil import rmtree
from typing import Any, Final, TypeVar

AnyFunction = TypeVar("AnyFunction", bound=Callable[..., Any])

_KERNELS: Final[list[Callable[..., Any]]] = []
_PRIMITIVES: Final[list[tuple[Callable[..., Any], Callable[[], Callable[..., Any]]]]] = []
_READY: Final[dict[Callable[..., Any], Callable[..., Any]]] = {}
"""Filled while modules load and by the first compilation; what is in it never changes."""


def kernel(function: AnyFunction) -> AnyFunction:
    """Mark a function as callable from compiled code; it is returned unchanged."""
    _KERNELS.append(function)
    return function


def primitive(
    implementation: Callable[[], Callable[..., Any]],
) -> Callable[[AnyFunction], AnyFunction]:
    """Mark a plain function that has another body when compiled.

    `implementation` is called when compiling, so that it may import numba, and returns a function
    with the same parameters.
    """

    def mark(function: AnyFunction) -> AnyFunction:
        _PRIMITIVES.append((function, implementation))
        return function

    return mark


def compiled(function: AnyFunction) -> AnyFunction:
    """Return the compiled form of a kernel function; its first call compiles, for seconds.

    The result stays in a cache folder of the user, when there is one we may write to.
    """
    if function in _READY:
        return _READY[function]  # type: ignore[return-value]
    import numba
    from numba.extending import overload, register_jitable

    folder = cache_folder()
    usable = _make(folder)
    if usable:
        numba.config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]
    if not _READY:
        for plain, implementation in _PRIMITIVES:
            body = implementation()
            overload(plain)(lambda *_, body=body: body)
        for each in _KERNELS:
            register_jitable(each)
    ready = numba.njit(function, nogil=True, boundscheck=True, cache=usable)
    _READY[function] = ready
    return ready  # type: ignore[no-any-return]


def is_cached() -> bool:
    """Tell whether an earlier run left compiled code for exactly these sources."""
    folder = cache_folder()
    return folder.is_dir() and any(folder.rglob("*.nbc"))


def cache_folder() -> Path:
    """Return the folder of the compiled code; its name changes with whatever the code depends on.

    numba looks at one file's time stamp only, while a kernel is made of many files.
    """
    seal = hashlib.sha256()
    for name in ("numba", "numpy", "llvmlite"):
        seal.update(version(name).encode())
    seal.update(sys.version.encode())
    modules = {each.__module__ for each in _KERNELS} | {each.__module__ for each, _ in _PRIMITIVES}
    for module in sorted(modules):
        path = sys.modules[module].__file__
        if path is not None:
            seal.update(Path(path).read_bytes())
    return _cache_root() / f"kernels-{seal.hexdigest()[:16]}"


def _cache_root() -> Path:
    named = environ.get("XDG_CACHE_HOME")
    base = Path(named) if named else Path.home() / ".cache"
    return base / "pcapdiag"


def _make(folder: Path) -> bool:
    """Create the folder and remove those of older sources; False: nothing can be kept there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError:  # a read-only home is no reason to fail
        return False
    for other in folder.parent.glob("kernels-*"):
        if other != folder:
            rmtree(other, ignore_errors=True)
    return True
