"""`pcapdiag facts`: every table and column, within the width of a terminal."""

import pytest
from click.testing import CliRunner

from pcapdiag.cli import pcapdiag
from pcapdiag.facts import TABLES, Table


def test_every_table_is_listed() -> None:
    lines = CliRunner().invoke(pcapdiag, ["facts"]).output.splitlines()
    assert {table.name for table in TABLES} <= {line.split()[0] for line in lines if line.strip()}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_column_is_described(table: Table) -> None:
    result = CliRunner().invoke(pcapdiag, ["facts", table.name])
    lines = result.output.splitlines()
    first_words = {line.split()[0] for line in lines if line.strip()}
    assert {column.name for column in table.columns} <= first_words
    assert max(map(len, lines)) <= 100


def test_unknown_table() -> None:
    result = CliRunner().invoke(pcapdiag, ["facts", "flows"])
    assert result.exit_code == 2
    assert "did you mean 'flow'? There are flow, hop, " in result.stderr
