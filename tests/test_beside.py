"""Work in a thread."""

from threading import get_ident

import pytest

from pcapdiag.beside import beside


def test_result_is_there_when_it_is_asked_for() -> None:
    assert beside(get_ident).result() != get_ident()


def test_what_it_raises_comes_back() -> None:
    with pytest.raises(ZeroDivisionError):
        beside(lambda: 1 // 0).result()
