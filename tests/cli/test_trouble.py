"""Errors of the rooms become messages; their text is safe to print."""

from pathlib import Path

import pytest

from pcapdiag.cli.trouble import MOST_LINES, Trouble, troubles
from pcapdiag.pipeline import NothingReadable
from pcapdiag.read import Unreadable
from pcapdiag.rules import Problem, RuleError


@pytest.mark.parametrize(
    "error",
    [
        NothingReadable([("a.pcap", "is empty")]),
        Unreadable("a.pcap", "is empty"),
        RuleError((Problem(Path("a.pcap"), 3, "is empty"),)),
    ],
)
def test_what_the_user_can_mend(error: Exception) -> None:
    with pytest.raises(Trouble, match=r"a\.pcap.* is empty") as caught, troubles():
        raise error
    assert caught.value.exit_code == 2


def test_faults_of_our_own_keep_their_traceback() -> None:
    with pytest.raises(KeyError), troubles():
        raise KeyError("x")


def test_messages_are_safe_and_not_endless() -> None:
    lines = Trouble("\x1b[2J.pcap: x\n" * 100).format_message().split("\n")
    assert lines[0] == "\\x1b[2J.pcap: x"
    assert len(lines) == MOST_LINES + 1
    assert lines[-1] == "... and 81 more"
