"""From the traffic, its topology and sessions to the tables that rules and queries read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pcapdiag.facts import database
from pcapdiag.facts.addresses import number_addresses
from pcapdiag.facts.captures import capture_columns
from pcapdiag.facts.hosts import host_columns
from pcapdiag.facts.populations import publish_attempts, publish_populations
from pcapdiag.facts.questions import client_asked, question_columns, questions
from pcapdiag.facts.raw import publish, publish_events, register_flows
from pcapdiag.facts.sessions import back_columns, backs_of, fronts_of, roles_of, session_columns
from pcapdiag.facts.silent import silent_columns
from pcapdiag.facts.vocabulary import table_named
from pcapdiag.facts.wide import publish_wide
from pcapdiag.flows.result import Traffic
from pcapdiag.sessions.model import Session
from pcapdiag.settings import Settings
from pcapdiag.topology.model import Topology

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class Tables:
    """The tables of one analysis in a locked database."""

    connection: "duckdb.DuckDBPyConnection"

    def query(
        self,
        statement: str,
        parameters: Sequence[Any] = (),
        seconds: float = database.TIME_LIMIT_S,
        most_rows: int | None = None,
    ) -> database.Answer:
        """Run one read-only statement in bounded time; raises :class:`database.QueryError`."""
        publish_wide(self.connection)
        return self.ask(statement, parameters, seconds, most_rows)

    def ask(
        self,
        statement: str,
        parameters: Sequence[Any] = (),
        seconds: float = database.TIME_LIMIT_S,
        most_rows: int | None = None,
    ) -> database.Answer:
        """Do the same without `flow`, `hop` and `back`, which take time to make."""
        return database.run(self.connection, statement, parameters, seconds, most_rows)


def build(
    traffic: Traffic, topology: Topology, sessions: Sequence[Session], settings: Settings
) -> Tables:
    """Return the tables of one analysis."""
    numbered = number_addresses(traffic)
    roles = roles_of(topology, numbered)
    fronts = fronts_of(sessions, traffic, numbered)
    backs = backs_of(sessions, fronts, traffic, numbered, topology)
    asked = questions(traffic, numbered, fronts, backs, roles)
    connection = database.connect()
    register_flows(connection, traffic, numbered)
    publish_events(connection, traffic, numbered)
    session = session_columns(traffic, numbered, fronts, backs, roles)
    session |= silent_columns(traffic, numbered, topology, fronts, backs, roles)
    publish(connection, table_named("session"), session, as_table=True)
    publish(connection, table_named("question"), question_columns(traffic, numbered, asked))
    publish_attempts(
        connection,
        numbered,
        backs,
        back_columns(fronts, backs, client_asked(traffic, numbered, backs, asked)),
    )
    publish_populations(connection, topology, numbered, fronts, backs, roles)
    publish(connection, table_named("host"), host_columns(traffic, numbered, fronts, roles))
    publish(connection, table_named("capture"), capture_columns(traffic, fronts, backs, settings))
    database.lock(connection)
    return Tables(connection)
