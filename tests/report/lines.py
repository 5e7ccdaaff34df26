"""Sessions counted line by line: what the program counts from columns."""

from collections import Counter
from collections.abc import Sequence

from pcapdiag.report.model import SessionLine, Tally
from pcapdiag.sessions.model import ONE_WAY


def counted(sessions: Sequence[SessionLine]) -> Tally:
    """Return the tally of some lines."""
    services = {(s.front.destination, s.front.destination_port) for s in sessions if s.front}
    servers = {server for session in sessions for server in _servers(session)}
    return Tally(
        outcomes=Counter(session.outcome for session in sessions),
        modes=Counter(session.mode for session in sessions if session.backs),
        working=frozenset(session.mode for session in sessions if session.outcome == "ok"),
        wrong=next((s for s in sessions if s.outcome in ("failed", "degraded")), None),
        services=len(services),
        servers=None if None in servers else len(servers),
        alone=sum(s.outcome == "ok" and s.front is not None and not s.backs for s in sessions),
    )


def _servers(session: SessionLine) -> set[tuple[str, int] | None]:
    """Return the real servers of a session; None among them: a server that cannot be told apart."""
    if session.mode not in ONE_WAY:
        return {(back.destination, back.destination_port) for back in session.backs}
    return {None if b.macs[1] is None else (b.macs[1], b.destination_port) for b in session.backs}
