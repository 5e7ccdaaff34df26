"""Loading machine code: where it was made, it runs; its name tells where that is."""

import ctypes
import platform

from pcapdiag.compiled.load import load, machine
from pcapdiag.compiled.make import make
from pcapdiag.flows.sequence import add


def test_loaded_code_runs_without_its_maker() -> None:
    code = make(add, (1, 2))
    loaded = load(code)
    call = ctypes.CFUNCTYPE(
        ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64
    )(loaded.address)
    result, failure = ctypes.c_int64(), ctypes.c_void_p()
    assert call(ctypes.byref(result), ctypes.byref(failure), 0xFFFFFFFF, 3) == 0
    assert result.value == add(0xFFFFFFFF, 3)


def test_the_machine_is_named() -> None:
    assert machine() == machine()
    assert machine().startswith(platform.machine())
