"""A hint to the processor: what is needed soon may be fetched meanwhile."""

from collections.abc import Callable
from typing import Any, Final

from pcapdiag.compiled.marks import primitive

_READ: Final = 0
_KEEP: Final = 3
_DATA: Final = 1
"""For reading, to stay in every cache, as data (LLVM Language Reference, "llvm.prefetch")."""


def _soon(array: Any, index: int) -> Callable[..., None]:
    from llvmlite import ir
    from numba import types
    from numba.core import cgutils
    from numba.extending import intrinsic

    octet, number = ir.IntType(8).as_pointer(), ir.IntType(32)
    kind = ir.FunctionType(ir.VoidType(), [octet, number, number, number])

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        whole = signature.args[0]
        view = context.make_array(whole)(context, builder, arguments[0])
        entry: Any = cgutils.get_item_pointer(  # type: ignore[no-untyped-call]
            context, builder, whole, view, [arguments[1]], wraparound=False, boundscheck=False
        )
        hint = builder.module.declare_intrinsic("llvm.prefetch", (octet,), kind)
        hints = [number(each) for each in (_READ, _KEEP, _DATA)]
        builder.call(hint, [builder.bitcast(entry, octet), *hints])
        return context.get_dummy_value()

    def prefetch(typing: Any, array: Any, index: Any) -> Any:
        return types.void(array, index), generate

    fetch: Any = intrinsic(prefetch)

    def body(array: Any, index: int) -> None:
        fetch(array, index)

    return body


@primitive(_soon)
def soon(array: Any, index: int) -> None:
    """Say that an entry of an array is needed soon.  No index is wrong: nothing is read by it."""
