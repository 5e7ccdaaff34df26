"""Making machine code: what it needs, and what it spares others."""

import subprocess
import sys
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from pcapdiag.compiled import kernel
from pcapdiag.compiled.make import make


@kernel
def half(number: int) -> float:
    """Return what no kernel may; here only so that it is refused."""
    return number / 2


PRINT: Final = "print(compiled(add)(1, 2), 'numba' in sys.modules)"


def run(program: str, home: Path) -> str:
    """Run a program with kept code in a folder of its own; returns what it wrote."""
    ran = subprocess.run(
        [sys.executable, "-c", program],
        env={"XDG_CACHE_HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    return ran.stdout


def test_compiling_spares_linear_algebra_and_leaves_it_to_others(tmp_path: Path) -> None:
    program = (
        "import sys; from pcapdiag.compiled import compiled; from pcapdiag.flows.sequence import add;"
        "assert compiled(add)(1, 2) == 3; assert 'scipy.linalg' not in sys.modules;"
        "from scipy.linalg import norm; print(norm([3, 4]))"
    )
    assert run(program, tmp_path) == "5.0\n"


def test_a_later_run_needs_no_compiler(tmp_path: Path) -> None:
    program = (
        "import sys; from pcapdiag.compiled import compiled; from pcapdiag.flows.sequence import add;"
    ) + PRINT
    assert run(program, tmp_path) == "3 True\n"
    assert run(program, tmp_path) == "3 False\n"


def test_code_for_another_processor_is_made_anew(tmp_path: Path) -> None:
    program = (
        "import sys; from pcapdiag.compiled import compiled; from pcapdiag.flows.sequence import add;"
        "import pcapdiag.compiled.call as call; machine = call.machine;"
        "call.machine = lambda: machine() + sys.argv[1]"
    )
    for other in ("", " another"):
        code = f"import sys; sys.argv[1:] = [{other!r}]; {program}"
        assert run(f"{code}; {PRINT}", tmp_path) == "3 True\n"


def test_a_kernel_returns_no_floats() -> None:
    with pytest.raises(TypeError, match="float64"):
        make(half, (1,))


def test_kernels_bring_no_symbols_of_others_along() -> None:
    code = make(half_of_array, (np.zeros(2, np.int64),))
    assert code.returns == "i"
    assert code.symbol.encode() in code.octets


@kernel
def half_of_array(data: np.ndarray) -> int:
    """Read an array; here only so that it can be compiled."""
    return int(data[len(data) // 2])
