"""What is said of servers' questions: the one that is least an accident, and of whom it was asked."""

import numpy as np

from pcapdiag.facts.asked import best_question, described
from pcapdiag.facts.questions import ROLE_CLIENT, ROLE_OTHER, Questions
from pcapdiag.facts.servers import SERVER
from pcapdiag.facts.vips import VIP

NO = -1


def questions(*rows: tuple[int, int, int, float]) -> Questions:
    """Return questions made of server, role, frame (NO: came after no SYN) and chance."""
    server, role, frame, chance = (np.array(column) for column in zip(*rows, strict=True))
    unused = np.zeros(len(rows), np.int64)
    return Questions(server, unused, role, unused, unused, frame, unused, unused, chance)


def test_the_least_accidental_question_of_each_server_stands() -> None:
    asked = questions(
        (4, ROLE_OTHER, 10, 0.5),
        (4, ROLE_OTHER, 20, 0.1),
        (4, ROLE_CLIENT, 5, 0.0),
        (9, ROLE_OTHER, NO, -1.0),
        (7, ROLE_OTHER, 30, 0.2),
        (7, ROLE_OTHER, 25, 0.2),
    )
    servers = np.array([4, 5, 7, 9, 12])
    assert best_question(asked, ROLE_OTHER, servers).tolist() == [1, NO, 5, NO, NO]
    assert best_question(asked, ROLE_CLIENT, servers).tolist() == [2, NO, NO, NO, NO]


def test_nobody_asked() -> None:
    none = questions((4, ROLE_OTHER, NO, -1.0))
    assert best_question(none, ROLE_OTHER, np.array([4])).tolist() == [NO]


def test_servers_and_services_have_the_same_columns_of_a_question() -> None:
    names = {column.name for column in described("other", "whom")}
    assert len(names) == 6
    for table in (SERVER, VIP):
        assert names <= {column.name for column in table}
