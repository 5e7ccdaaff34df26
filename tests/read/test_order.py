"""Words in either byte order, plain and compiled."""

import struct

import numpy as np
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from pcapdiag.compiled import compiled, kernel
from pcapdiag.read.order import word


@kernel
def read_word(data: object, at: int, little: bool) -> int:
    return word(data, at, little)


@limits(deadline=None)
@given(number=st.integers(0, 2**32 - 1), little=st.booleans(), at=st.integers(0, 5))
def test_a_word_is_read_back(number: int, little: bool, at: int) -> None:
    data = bytes(at) + struct.pack("<I" if little else ">I", number)
    assert word(memoryview(data), at, little) == number
    assert compiled(read_word)(np.frombuffer(data, np.uint8), at, little) == number
