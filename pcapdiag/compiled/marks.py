"""What marks a function as part of a kernel, and the list of those that are."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

AnyFunction = TypeVar("AnyFunction", bound=Callable[..., Any])

KERNELS: Final[list[Callable[..., Any]]] = []
APART: Final[set[Callable[..., Any]]] = set()
LEFT_OUT: Final[dict[Callable[..., Any], tuple[str, Any]]] = {}
"""(field, value) of those that are left out where a record has that field."""
PRIMITIVES: Final[list[tuple[Callable[..., Any], Callable[..., Any]]]] = []
"""(plain function, implementation).  All are filled while modules load."""


def kernel(function: AnyFunction) -> AnyFunction:
    """Mark a function as callable from compiled code; it is returned unchanged."""
    KERNELS.append(function)
    return function


def apart(function: AnyFunction) -> AnyFunction:
    """Mark a kernel function that few packets need: compiled, it stays a function of its own.

    Inlined with the others it would be compiled again with each of those above it, for minutes.
    """
    APART.add(function)
    return kernel(function)


def left_out(field: str, value: Any) -> Callable[[AnyFunction], AnyFunction]:
    """Mark a kernel function that is not compiled, and returns `value`, where a record has `field`.

    So one source makes a kernel for the usual, which is sooner compiled, and one for all.
    """

    def mark(function: AnyFunction) -> AnyFunction:
        LEFT_OUT[function] = field, value
        return apart(function)

    return mark


def primitive(
    implementation: Callable[..., Callable[..., Any]],
) -> Callable[[AnyFunction], AnyFunction]:
    """Mark a plain function that has another body when compiled.

    `implementation` has the same parameters; it is called when compiling, with their types, and
    returns the function to compile.  It may import numba.
    """

    def mark(function: AnyFunction) -> AnyFunction:
        PRIMITIVES.append((function, implementation))
        return function

    return mark
