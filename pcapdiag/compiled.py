"""One source, two ways to run: kernel functions as plain Python, or compiled by numba.

A kernel function is written in the subset of Python both understand and marked with
:func:`kernel`.  Called directly it is ordinary Python (no numba import: the first verdict waits
for no compiler); :func:`compiled` gives the machine code of the same functions.
"""

import hashlib
import importlib
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from os import environ
from pathlib import Path
from shutil import rmtree
from typing import Any, Final, TypeVar

_OPTIONS: Final[dict[str, Any]] = {"boundscheck": True, "_nrt": False}
"""Kernels check every index and allocate nothing; without `_nrt` False numba counts references to
the tables at every touch, which was a third of the time."""
_PART_OPTIONS: Final[dict[str, Any]] = _OPTIONS | {
    "forceinline": True,
    "no_cfunc_wrapper": True,
    "no_cpython_wrapper": True,
}
"""Of functions that kernels call.  A call hands over the tables word by word, some ninety of them:
inlining makes the whole walk twice as fast.  Nobody calls them from outside, so they need no
wrappers, which take a tenth of the compilation."""
_KEPT_S: Final = 30 * 24 * 3600

AnyFunction = TypeVar("AnyFunction", bound=Callable[..., Any])

_KERNELS: Final[list[Callable[..., Any]]] = []
_APART: Final[set[Callable[..., Any]]] = set()
_PRIMITIVES: Final[list[tuple[Callable[..., Any], Callable[..., Any]]]] = []
_READY: Final[dict[Callable[..., Any], Callable[..., Any]]] = {}
_KNOWN: Final[set[Callable[..., Any]]] = set()
"""What numba was told of.

All five are filled while modules load and by compilations; what is in them never changes.
"""


def kernel(function: AnyFunction) -> AnyFunction:
    """Mark a function as callable from compiled code; it is returned unchanged."""
    _KERNELS.append(function)
    return function


def apart(function: AnyFunction) -> AnyFunction:
    """Mark a kernel function that few packets need: compiled, it stays a function of its own.

    Inlined with the others it would be compiled again with each of those above it, for minutes.
    """
    _APART.add(function)
    return kernel(function)


def primitive(
    implementation: Callable[..., Callable[..., Any]],
) -> Callable[[AnyFunction], AnyFunction]:
    """Mark a plain function that has another body when compiled.

    `implementation` has the same parameters; it is called when compiling, with their types, and
    returns the function to compile.  It may import numba.
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

    _spare_linear_algebra()
    folder = cache_folder()
    usable = _make(folder)
    if usable:
        numba.config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]
    for plain, implementation in _PRIMITIVES:
        if plain not in _KNOWN:
            overload(plain, jit_options=_PART_OPTIONS)(implementation)  # type: ignore[arg-type]
    for each in _KERNELS:
        if each not in _KNOWN:
            options = _PART_OPTIONS | {"forceinline": each not in _APART}
            register_jitable(**options)(each)
    _KNOWN.update(_KERNELS, (plain for plain, _ in _PRIMITIVES))
    ready = numba.njit(function, nogil=True, cache=usable, **_OPTIONS)
    _READY[function] = ready
    return ready  # type: ignore[no-any-return]


def _spare_linear_algebra() -> None:
    """Let numba do without scipy's linear algebra: no kernel multiplies matrices.

    numba looks for it with its array functions, which takes as long as loading all our code.
    """
    if "scipy.linalg" not in sys.modules:
        sys.modules["scipy.linalg"] = None  # type: ignore[assignment]
        try:
            importlib.import_module("numba.np.arraymath")
        finally:
            del sys.modules["scipy.linalg"]


def is_cached(function: Callable[..., Any]) -> bool:
    """Tell whether an earlier run left compiled code of a function for exactly these sources."""
    module = function.__module__.rpartition(".")[2]
    folder = cache_folder()
    return folder.is_dir() and any(folder.rglob(f"{module}.{function.__qualname__}-*.nbc"))


def cache_folder() -> Path:
    """Return the folder of the compiled code; its name changes with whatever the code depends on.

    numba looks at one file's time stamp only, while a kernel is made of many files.
    """
    seal = hashlib.sha256()
    for name in ("numba", "numpy", "llvmlite"):
        seal.update(version(name).encode())
    seal.update(sys.version.encode())
    seal.update(Path(__file__).read_bytes())
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
    """Create the folder and remove those long unused; False: nothing can be kept there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
        # Writing the file above has set this folder's time to now.
        now = folder.stat().st_mtime
        for other in folder.parent.glob("kernels-*"):
            # Other versions may be running at this moment.
            if now - other.stat().st_mtime > _KEPT_S:
                rmtree(other, ignore_errors=True)
    except OSError:  # a read-only home is no reason to fail
        return False
    return True
