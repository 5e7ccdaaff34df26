"""Each capture says what the table in the checkout says of it, rule by rule."""

import pytest

from pcapdiag.rules import load
from tests.rules.matrix import FOLDERS, captures, line, table

WANTED = table()
CAPTURES = captures()


@pytest.mark.parametrize("name", sorted(WANTED))
def test_the_rules_say_of_a_capture_what_they_said(name: str) -> None:
    folder = FOLDERS[name.split("/")[0]]
    if not folder.is_dir():
        pytest.skip(f"{folder.name} is not beside this checkout: {name} was not judged")
    assert line(CAPTURES[name]) == WANTED[name], "meant? python -m tests.rules.matrix"


def test_every_capture_is_in_the_table() -> None:
    assert CAPTURES.keys() <= WANTED.keys()


def test_every_rule_holds_somewhere_or_has_a_story_only() -> None:
    said = {word.split("=")[0] for row in WANTED.values() for word in row.split("\t")[1:]}
    silent = {rule.id for rule in load() if rule.fires} - said
    assert not silent
