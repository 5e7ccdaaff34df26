"""Servers that answer, and answer badly; a balancer that forgets; clients that speak another language."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

from tests.lab.scenarios import Scenario
from tests.lab.stage import Stage, stage

NOT_THE_NETWORK: Final = (
    "return-path-bypasses-balancer",
    "back-syn-unanswered",
    "server-port-closed",
    "no-server-available",
    "vip-syn-unanswered",
)


@contextmanager
def play_bad_server(name: str, kind: str, **choices: Any) -> Iterator[Stage]:
    """The second of two servers behind a TCP proxy does `kind`.

    Visits follow each other without overlap, so that the kernel's table tells whose back is whose.
    """
    good = "smtp" if choices.get("port", 80) == 25 else "http"
    port = choices.setdefault("port", 80)
    with stage(gateway="router") as here:
        here.serve("s1", **{good: port})
        here.serve("s2", **{kind: port})
        here.watch()
        here.proxy(port=port)
        with here.recording((name, "lb", "eth0")):
            for visit in here.near(3, apart_s=0, **choices) + here.far(7, apart_s=0, **choices):
                here.visit([visit])
        yield here


@contextmanager
def play_idle() -> Iterator[Stage]:
    """The balancer closes after two seconds of silence; routed clients pause for three before QUIT."""
    with stage(gateway="router") as here:
        for host in ("s1", "s2"):
            here.serve(host, smtp=25)
        here.watch()
        here.proxy(idle_s=2)
        with here.recording(("balancer-idle-timeout", "lb", "eth0")):
            here.visit(here.near(3, apart_s=0.3) + here.far(5, apart_s=0.3, pause_s=3.0))
        yield here


@contextmanager
def play_tls_to_http() -> Iterator[Stage]:
    """Clients begin with TLS, the balancer passes it on, the servers speak plain HTTP."""
    with stage(gateway="router") as here:
        for host in ("s1", "s2"):
            here.serve(host, http=80)
        here.watch()
        here.proxy(port=80)
        choices: dict[str, Any] = {"port": 80, "kind": "tls"}
        with here.recording(("protocol-mismatch", "lb", "eth0")):
            here.visit(here.near(3, apart_s=0.4, **choices) + here.far(5, apart_s=0.3, **choices))
        yield here


ERRORS: Final = Scenario(
    id="server-answers-with-errors",
    description=(
        "One of two servers answers every request with HTTP 500, and the balancer passes that on. "
        "Every second user sees an error page."
    ),
    verdict="server-answers-with-errors",
    must_not=NOT_THE_NETWORK,
    play=partial(play_bad_server, "server-answers-with-errors", "error"),
)

REFUSES_MAIL: Final = Scenario(
    id="server-refuses-mail",
    description=(
        "One of two mail servers greets with 554 and closes. Every second user cannot send mail."
    ),
    verdict="server-answers-with-errors",
    must_not=NOT_THE_NETWORK,
    play=partial(play_bad_server, "server-refuses-mail", "closed", port=25),
)

CUTS: Final = Scenario(
    id="server-closed-early",
    description=(
        "One of two servers closes in the middle of its answers. Every second user gets half a page."
    ),
    verdict="server-closed-early",
    must_not=NOT_THE_NETWORK,
    play=partial(play_bad_server, "server-closed-early", "cut", size=20_000),
)

IDLE: Final = Scenario(
    id="balancer-idle-timeout",
    description=(
        "The balancer closes connections after two seconds of silence, and routed users' mail "
        "clients pause for three. Their last command is answered with RST; on-link users do not pause."
    ),
    verdict="balancer-idle-timeout",
    must_not=(*NOT_THE_NETWORK, "server-closed-early", "server-reset"),
    play=play_idle,
)

MISMATCH: Final = Scenario(
    id="protocol-mismatch",
    description=(
        "Users speak TLS to a port that the balancer passes on to servers of plain HTTP. All get "
        "an error of their browser."
    ),
    verdict="protocol-mismatch",
    must_not=(*NOT_THE_NETWORK, "server-answers-with-errors", "tls-handshake-failed"),
    play=play_tls_to_http,
)

SCENARIOS: Final = (ERRORS, REFUSES_MAIL, CUTS, IDLE, MISMATCH)
