"""The folder of the user in which machine code is kept from one run to the next."""

import hashlib
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from os import environ
from pathlib import Path
from shutil import rmtree
from typing import Any, Final

from pcapdiag.compiled.code import Code
from pcapdiag.compiled.marks import KERNELS, PRIMITIVES

_KEPT_S: Final = 30 * 24 * 3600
_SUFFIX: Final = ".code"


def is_kept(function: Callable[..., Any]) -> bool:
    """Tell whether an earlier run left machine code of a kernel for exactly these sources."""
    folder = code_folder()
    return folder.is_dir() and any(folder.glob(f"{_stem(function)}-*{_SUFFIX}"))


def find(function: Callable[..., Any], signature: str) -> Code | None:
    """Return the machine code for such arguments; None: there is none, or it is damaged."""
    try:
        return Code.from_bytes(_path(function, signature).read_bytes())
    except OSError:
        return None


def keep(function: Callable[..., Any], signature: str, code: Code) -> None:
    """Write machine code for later runs; where the folder cannot be written it is not kept."""
    path = _path(function, signature)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Another process may be writing the same, or reading it.
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(code.to_bytes())
        Path(file.name).replace(path)
        _remove_unused(path.parent)
    except OSError:  # a read-only home is no reason to fail
        return


def code_folder() -> Path:
    """Return the folder; its name changes with whatever the code depends on but the processor."""
    seal = hashlib.sha256()
    for name in ("numba", "numpy", "llvmlite"):
        seal.update(version(name).encode())
    seal.update(sys.version.encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        seal.update(path.read_bytes())
    modules = {each.__module__ for each in KERNELS} | {each.__module__ for each, _ in PRIMITIVES}
    for module in sorted(modules):
        source = sys.modules[module].__file__
        if source is not None:
            seal.update(Path(source).read_bytes())
    return _root() / f"kernels-{seal.hexdigest()[:16]}"


def _root() -> Path:
    named = environ.get("XDG_CACHE_HOME")
    base = Path(named) if named else Path.home() / ".cache"
    return base / "pcapdiag"


def _stem(function: Callable[..., Any]) -> str:
    return f"{function.__module__}.{function.__qualname__}"


def _path(function: Callable[..., Any], signature: str) -> Path:
    digest = hashlib.sha256(signature.encode()).hexdigest()[:16]
    return code_folder() / f"{_stem(function)}-{digest}{_SUFFIX}"


def _remove_unused(folder: Path) -> None:
    """Remove code of other sources that nobody has made or asked for lately."""
    now = folder.stat().st_mtime
    for other in folder.parent.glob("kernels-*"):
        # Other versions may be running at this moment.
        if now - other.stat().st_mtime > _KEPT_S:
            rmtree(other, ignore_errors=True)
