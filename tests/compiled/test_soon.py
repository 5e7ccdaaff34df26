"""The hint that something is needed soon."""

import numba
import numpy as np
import pytest

from pcapdiag.compiled import compiled, kernel, soon
from pcapdiag.compiled.make import make


@kernel
def sum_with_hints(numbers: np.ndarray, ahead: int) -> int:
    """Return the sum of some numbers, each announced before."""
    total = 0
    for index in range(len(numbers)):
        soon(numbers, index + ahead)
        total += numbers[index]
    return total


@pytest.mark.parametrize("ahead", [0, 8, -(2**62), 2**62])
def test_no_index_does_harm(ahead: int) -> None:
    numbers = np.arange(1000)
    assert sum_with_hints(numbers, ahead) == 499_500
    assert compiled(sum_with_hints)(numbers, ahead) == 499_500


def test_processor_is_told() -> None:
    numbers = np.arange(3)
    make(sum_with_hints, (numbers, 1))
    told = numba.njit(sum_with_hints)
    told(numbers, 1)
    (text,) = told.inspect_llvm().values()
    assert "call void @llvm.prefetch" in text
