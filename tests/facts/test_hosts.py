"""Who claims which address, and who is asked for, on stories of a few ARP packets."""

from typing import Any

import pytest

from tests.rules.story import BALANCER, LOCAL, MACS, ROUTER, SERVED, SERVER, Story, back


def facts(story: Story, address: str, names: str) -> tuple[Any, ...]:
    (row,) = story.tables().query(f"select {names} from host where address = '{address}'").rows
    return row


def healthy() -> Story:
    return Story().session(LOCAL, back(), **SERVED)


def test_one_mac_again_and_again_is_no_contest() -> None:
    story = healthy().claims(SERVER, MACS[SERVER]).claims(SERVER, MACS[SERVER])
    assert facts(story, SERVER, "claims, claim_macs, claim_changes, contested") == (2, 1, 0, 0)


@pytest.mark.parametrize(("seconds", "contested"), [(0, 1), (60, 0)])
def test_two_macs_are_a_contest_when_they_answer_at_once(seconds: int, contested: int) -> None:
    story = healthy().claims(SERVER, MACS[SERVER]).wait(seconds).claims(SERVER, 0x32)
    names = "claim_macs, claim_changes, contested, contest_frame, contest_frame_2"
    assert facts(story, SERVER, names) == (2, 1, contested, 500, 501)


def test_macs_that_redundant_routers_share_are_no_claim() -> None:
    story = healthy().claims(ROUTER, 0x00005E000107).claims(ROUTER, MACS[ROUTER])
    assert facts(story, ROUTER, "claims, claim_macs") == (1, 1)


def test_announcements_are_not_questions() -> None:
    story = healthy().asks(ROUTER, SERVER).asks(SERVER, SERVER)
    assert facts(story, SERVER, "asked, first_asked_frame, claims") == (1, 500, 1)


def test_roles_and_flows() -> None:
    names = "is_vip, is_balancer, is_server, is_client, flows"
    assert facts(healthy(), BALANCER, names) == (True, True, False, False, 2)
    assert facts(healthy(), SERVER, names) == (False, False, True, False, 1)
    assert facts(healthy(), LOCAL, names) == (False, False, False, True, 1)
