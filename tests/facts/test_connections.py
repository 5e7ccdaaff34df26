"""The columns of connections: each field of the flow table is one, has another word, or is the kernel's."""

import numpy as np
import pytest

from pcapdiag.facts import connections
from pcapdiag.facts.connections import BACK, DIRECTIONS, FLOW, HOP, WORDED, measured
from pcapdiag.facts.tables import Tables
from pcapdiag.flows import table
from pcapdiag.settings import Settings
from tests.rules.story import REMOTE, SERVED, Story, back


def test_no_field_of_the_flow_table_is_forgotten() -> None:
    taken = {field for _, field, _ in measured()}
    kinds = (taken, connections._OWN_WORDS, connections._RUNNING_STATE)
    assert set.union(*map(set, kinds)) == {field.name for field in table.COLUMNS}
    assert sum(map(len, kinds)) == len(table.COLUMNS)


def test_a_field_of_both_directions_is_two_columns() -> None:
    shapes = {field.name: field.shape for field in table.COLUMNS}
    for column, field, direction in measured():
        if direction is None:
            assert (column.name, shapes[field]) == (field, ())
        else:
            assert (column.name, shapes[field]) == (f"{field}_{DIRECTIONS[direction]}", (2,))
    both = [column.name for column, field, _ in measured() if field == "zero_windows"]
    assert both == ["zero_windows_to_responder", "zero_windows_to_initiator"]


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("first_ns", "ns"), ("bytes_to_responder", "bytes"), ("mss_to_initiator", "bytes"),
        ("largest_acked_payload_to_initiator", "bytes"), ("packets_to_responder", ""),
        ("ip_version", ""),
    ],
)  # fmt: skip
def test_units(name: str, unit: str) -> None:
    assert {column.name: column.unit for column in FLOW}[name] == unit


def test_a_back_is_a_hop_and_a_hop_is_a_flow() -> None:
    assert HOP[: len(FLOW)] == FLOW
    assert BACK[: len(HOP)] == HOP
    assert {column.name for column in FLOW} == {
        column.name for column in (*WORDED, *(column for column, _, _ in measured()))
    }


def tables_of_distinct_values() -> tuple[Tables, dict[str, int]]:
    """Tables of one connection with a value of its own in every field taken as it is."""
    story = Story().session(REMOTE, back(), **SERVED)
    traffic = story.traffic()
    kept = {"flow", "ip_version", "first_hop", "whole"}
    given = dict[str, int]()
    for number, (column, field, direction) in enumerate(measured(), 2):
        if field in kept or field.startswith("icmp_"):
            continue
        column_of = traffic.flows.records[field]
        place = column_of if direction is None else column_of[:, direction]
        place[0] = number % 120
        given[column.name] = number % 120
    from pcapdiag.facts import build

    return build(traffic, story.topology(), story.sessions, Settings()), given


def test_each_column_has_the_value_of_its_field_and_direction() -> None:
    tables, given = tables_of_distinct_values()
    answer = tables.query(f"select {', '.join(given)} from flow where record = 0")
    assert dict(zip(answer.columns, answer.rows[0], strict=True)) == given
    assert len(given) > 60
    assert np.unique(list(given.values())).size > 60
