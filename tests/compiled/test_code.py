"""Machine code as a file: whole or refused."""

from hypothesis import given
from hypothesis import strategies as st

from pcapdiag.compiled.code import Code

LINE = st.text(st.characters(codec="utf-8", exclude_characters="\n"))


@given(st.builds(Code, LINE, LINE, LINE, st.binary()))
def test_it_comes_back_as_it_was(code: Code) -> None:
    assert Code.from_bytes(code.to_bytes()) == code


@given(st.binary(), st.data())
def test_a_damaged_file_is_refused(octets: bytes, data: st.DataObject) -> None:
    whole = Code("cpu", "name", "ii", octets).to_bytes()
    cut = data.draw(st.integers(0, len(whole) - 1))
    assert Code.from_bytes(whole[:cut]) is None
    place = data.draw(st.integers(0, len(whole) - 1))
    flipped = bytes([*whole[:place], whole[place] ^ 1, *whole[place + 1 :]])
    assert Code.from_bytes(flipped) is None
