"""Makes machine code: the only module that needs numba."""

import importlib
import sys
from collections.abc import Callable
from typing import Any, Final

from pcapdiag.compiled.code import Code
from pcapdiag.compiled.load import machine
from pcapdiag.compiled.marks import APART, KERNELS, LEFT_OUT, PRIMITIVES

_OPTIONS: Final[dict[str, Any]] = {
    "boundscheck": True,
    "_nrt": False,
    "no_cfunc_wrapper": True,
    "no_cpython_wrapper": True,
}
"""Kernels check every index and allocate nothing; without `_nrt` False numba counts references to
the tables at every touch, which was a third of the time.  No wrappers, since calls come from
:mod:`pcapdiag.compiled.call`."""

_KNOWN: Final[set[Callable[..., Any]]] = set()
"""What numba was told of."""


def make(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Code:
    """Compile a kernel for such arguments, which takes seconds to a minute.

    Raises TypeError when it returns anything but integers, truth values or a tuple of them.
    """
    _tell_numba()
    import numba

    types = tuple(numba.typeof(each) for each in arguments)  # type: ignore[no-untyped-call]
    dispatcher = numba.njit(function, nogil=True, **_OPTIONS)
    dispatcher.compile(types)
    overload = dispatcher.overloads[types]
    _, _, (octets, _) = overload.library.serialize_using_object_code()
    returns = _letters(overload.signature.return_type)
    return Code(machine(), overload.fndesc.llvm_func_name, returns, octets)


def _letters(kind: Any) -> str:
    """Return a type of numba in the letters of :attr:`Code.returns`."""
    from numba import types

    if isinstance(kind, types.NoneType):
        return ""
    letters = {types.int64: "i", types.boolean: "b"}
    parts = kind.types if isinstance(kind, types.BaseTuple) else (kind,)  # type: ignore[attr-defined]
    try:
        return "".join(letters[types.unliteral(each)] for each in parts)  # type: ignore[no-untyped-call]
    except KeyError as error:
        raise TypeError(f"a kernel cannot return {kind}") from error


def _tell_numba() -> None:
    _spare_linear_algebra()
    from numba.extending import overload, register_jitable

    for plain, implementation in PRIMITIVES:
        if plain not in _KNOWN:
            options = _OPTIONS | {"forceinline": True}
            overload(plain, jit_options=options)(implementation)  # type: ignore[arg-type]
    for each in KERNELS:
        if each not in _KNOWN:
            # A call hands over the tables word by word, some ninety of them: inlining makes the
            # whole walk twice as fast.
            options = _OPTIONS | {"forceinline": each not in APART}
            if each in LEFT_OUT:
                overload(each, jit_options=options, strict=False)(_chooser(each))  # type: ignore[arg-type]
            else:
                register_jitable(**options)(each)
    _KNOWN.update(KERNELS, (plain for plain, _ in PRIMITIVES))


def _chooser(function: Callable[..., Any]) -> Callable[..., Callable[..., Any]]:
    """Return what tells numba, for arguments of some types, which function to compile."""
    from numba import types

    field, value = LEFT_OUT[function]

    def nothing(*arguments: Any) -> Any:
        return value

    def choose(*kinds: Any) -> Callable[..., Any]:
        records = [kind for kind in kinds if isinstance(kind, types.Record)]
        return nothing if any(field in record.fields for record in records) else function

    return choose


def _spare_linear_algebra() -> None:
    """Let numba do without scipy's linear algebra: no kernel multiplies matrices.

    numba looks for it with its array functions, which takes longer than its own import.
    """
    if "scipy.linalg" not in sys.modules:
        sys.modules["scipy.linalg"] = None  # type: ignore[assignment]
        try:
            importlib.import_module("numba.np.arraymath")
        finally:
            del sys.modules["scipy.linalg"]
