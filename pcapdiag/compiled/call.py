"""Calls machine code: arguments become words as numba lays them out, results come back.

A function takes a pointer to its result, a pointer to its exception, and then its arguments: an
integer is a word, an array seven (two that nobody uses here, number of items, size of one,
address, shape, strides), a tuple the words of its parts.  It returns 0 when all went well.
Source: numba's developer manual, "Numba architecture", and numba.core.callconv.
"""

import ctypes
import pickle
import weakref
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from pcapdiag.compiled import kept
from pcapdiag.compiled.code import Code
from pcapdiag.compiled.load import load, machine
from pcapdiag.compiled.marks import AnyFunction

_RESULTS: Final[dict[str, Any]] = {"i": ctypes.c_int64, "b": ctypes.c_uint8}
_NOTHING: Final = -2
"""Status of a function that returns None; 0 is the others'."""

_READY: Final[dict[Callable[..., Any], "Compiled"]] = {}
"""Filled by the first call for each function; what is in it never changes."""


def compiled(function: AnyFunction) -> AnyFunction:
    """Return the compiled form of a kernel function; its first call may compile, for a minute.

    It raises what the kernel raises: IndexError for an index out of bounds.
    """
    if function not in _READY:
        _READY[function] = Compiled(function)
    return _READY[function]  # type: ignore[return-value]


def is_kept(function: Callable[..., Any], *arguments: Any) -> bool:
    """Tell whether an earlier run left machine code of a kernel for such arguments."""
    return kept.path_of(function, _signature(arguments)).is_file()


def making_of(function: Callable[..., Any], *arguments: Any) -> kept.Making:
    """Tell whether another run is making machine code of a kernel for such arguments, or died of it."""
    return kept.making_of(function, _signature(arguments))


class Compiled:
    """The compiled form of a function, for every kind of arguments it was called with."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._runs: dict[tuple[Any, ...], Callable[[list[int]], Any]] = {}
        self._tuples: dict[int, _Tuple] = {}
        """The last one of each place: tables are the same in call after call."""

    def __call__(self, *arguments: Any) -> Any:
        """Run the kernel; the interpreter is free for other threads meanwhile."""
        kinds: list[Any] = []
        words: list[int] = []
        for place, argument in enumerate(arguments):
            if isinstance(argument, tuple):
                argument = self._known(place, argument)
                kinds.append(argument.kind)
                words += argument.words
            else:
                kinds.append(_kind(argument))
                words += _words(argument)
        known = tuple(kinds)
        run = self._runs.get(known)
        if run is None:
            run = self._runs[known] = self._prepare(arguments)
        return run(words)

    def _known(self, place: int, parts: tuple[Any, ...]) -> "_Tuple":
        known = self._tuples.get(place)
        if known is None or not known.is_of(parts):
            known = self._tuples[place] = _Tuple(parts)
        return known

    def _prepare(self, arguments: tuple[Any, ...]) -> Callable[[list[int]], Any]:
        signature = _signature(arguments)
        code = kept.find(self._function, signature)
        if code is None or code.machine != machine():
            from pcapdiag.compiled.make import make

            with kept.making(self._function, signature):
                code = make(self._function, arguments)
                kept.keep(self._function, signature, code)
        return _runner(code, arguments)


class _Tuple:
    """What a tuple of arrays is for machine code; it keeps none of them alive."""

    def __init__(self, parts: tuple[Any, ...]) -> None:
        self.kind = _kind(parts)
        self.words = _words(parts)
        self._parts = [weakref.ref(part) for part in parts]

    def is_of(self, parts: tuple[Any, ...]) -> bool:
        """Tell whether it holds the very same arrays."""
        return len(parts) == len(self._parts) and all(
            known() is part for known, part in zip(self._parts, parts, strict=True)
        )


def _runner(code: Code, arguments: tuple[Any, ...]) -> Callable[[list[int]], Any]:
    loaded = load(code)
    kinds = [
        ctypes.c_uint8 if isinstance(each, bool) else ctypes.c_int64 for each in _words(arguments)
    ]
    call = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, *kinds)(
        loaded.address
    )
    fields = [(f"r{place}", _RESULTS[letter]) for place, letter in enumerate(code.returns)]
    results = type("Results", (ctypes.Structure,), {"_fields_": fields})
    truth = [letter == "b" for letter in code.returns]

    def run(words: list[int], _kept: Any = loaded) -> Any:
        result = results()
        failure = ctypes.c_void_p()
        status = call(ctypes.byref(result), ctypes.byref(failure), *words)
        if status not in (0, _NOTHING):
            raise _exception(failure)
        values = [getattr(result, name) for name, _ in fields]
        found = tuple(bool(v) if t else v for v, t in zip(values, truth, strict=True))
        return found if len(found) > 1 else found[0] if found else None

    return run


def _signature(arguments: tuple[Any, ...]) -> str:
    return str(tuple(map(_kind, arguments)))


def _kind(argument: Any) -> Any:
    """Return what the machine code depends on; equal for arguments it may be called with."""
    if isinstance(argument, np.ndarray):
        flags = argument.flags
        if not flags.c_contiguous:
            raise TypeError("kernels take whole arrays only")
        return argument.dtype, argument.ndim, flags.aligned, flags.writeable
    if isinstance(argument, tuple):
        return tuple(map(_kind, argument))
    return bool if isinstance(argument, bool) else int


def _words(argument: Any) -> list[int]:
    """Return the words of an argument; bool for those that are a byte."""
    if isinstance(argument, np.ndarray):
        address = argument.ctypes.data
        dimensions = (*argument.shape, *argument.strides)
        return [0, 0, argument.size, argument.itemsize, address, *dimensions]
    if isinstance(argument, tuple):
        return [word for part in argument for word in _words(part)]
    return [argument]


class _Failure(ctypes.Structure):
    """Where numba leaves the pickled exception: class, arguments, place in the source."""

    _fields_ = (("pickled", ctypes.c_void_p), ("length", ctypes.c_int32))


def _exception(failure: ctypes.c_void_p) -> Exception:
    if not failure:
        return SystemError("machine code failed and does not say why")
    told = ctypes.cast(failure, ctypes.POINTER(_Failure)).contents
    kind, arguments, _ = pickle.loads(ctypes.string_at(told.pickled, told.length))
    exception: Exception = kind(*arguments)
    return exception
