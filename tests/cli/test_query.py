"""`pcapdiag query`: one statement, four formats, nothing outside the tables."""

import csv
import io
import json
import time
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result

from pcapdiag.cli import pcapdiag
from pcapdiag.cli.query import as_csv, as_json, table
from pcapdiag.facts import Answer

STORY = Path(__file__).parents[2] / "samples" / "story.pcap"
MODES = (
    "select mode, count(*) as sessions from session where not health_check group by 1 order by 1"
)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(pcapdiag, ["query", *map(str, arguments)])


def test_the_formats_hold_the_same_rows(tmp_path: Path) -> None:
    rows = json.loads(run(STORY, MODES, "--format", "json").stdout)
    assert [row["mode"] for row in rows] == ["snat", "transparent"]
    texts = [{name: str(value) for name, value in row.items()} for row in rows]
    assert list(csv.DictReader(io.StringIO(run(STORY, MODES, "--format", "csv").stdout))) == texts
    lines = run(STORY, MODES).stdout.splitlines()
    assert [line.split() for line in lines[2:4]] == [list(row.values()) for row in texts]
    assert run(STORY, MODES, "-o", tmp_path / "m.parquet").exit_code == 0
    found = duckdb.sql(f"select * from '{tmp_path}/m.parquet'")
    assert found is not None
    assert found.fetchall() == [tuple(row.values()) for row in rows]


@pytest.mark.parametrize(
    "statement",
    [
        "select * from read_csv('/etc/passwd')",
        "copy (select 1) to 'stolen.csv'",
        "create table t as select 1",
        "select 1; select 2",
        "selec 1",
        "select nothing from flow",
        "attach 'x.db'",
        "",
    ],
)
def test_other_statements_are_refused(
    statement: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(STORY, statement)
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: SQL: ")
    assert list(tmp_path.iterdir()) == []


def test_times_are_shown_in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        shown = run(STORY, "select to_timestamp(first_ns / 1e9) as t from flow limit 1").stdout
    finally:
        monkeypatch.undo()
        time.tzset()
    assert shown.splitlines()[2].endswith("+00:00")


@pytest.mark.parametrize("statement", ["select * from flows", "select sourse from flow"])
def test_a_wrong_name_is_told_where_the_right_ones_are(statement: str) -> None:
    said = run(STORY, statement).stderr
    assert said.endswith("pcapdiag facts [TABLE]\n")
    assert "pg_" not in said


def test_time_is_bounded() -> None:
    endless = "select count(*) from range(10000000000) a, range(10000000000) b"
    result = run(STORY, endless, "--time-limit", "0.2")
    assert (result.exit_code, "stopped after 0.2 s" in result.stderr) == (2, True)


def test_wrong_use(tmp_path: Path) -> None:
    assert "Name at least one FILE" in run("select 1").stderr
    assert ".xlsx" in run(STORY, "select 1", "-o", "x.xlsx").stderr
    gone = run(tmp_path / "gone.pcap", "select 1")
    assert (gone.exit_code, "gone.pcap" in gone.stderr) == (2, True)


def test_an_unreadable_file_among_others_is_said(tmp_path: Path) -> None:
    result = run(STORY, tmp_path / "gone.pcap", "select 1 as one")
    assert result.exit_code == 0
    assert "gone.pcap was left out" in result.stderr
    assert "one" in result.stdout


HOSTILE = Answer(
    ("text", "n", "inside"),
    ("VARCHAR", "DOUBLE", "VARCHAR[]"),
    [('=cmd|"x"\x1b[2J\n', float("nan"), ["\x07", None]), (None, 2.5, [])],
)


def test_hostile_text_in_a_table() -> None:
    lines = table(HOSTILE).splitlines()
    assert len(lines) == 5
    assert "\x1b" not in "".join(lines)
    assert lines[-1] == "(2 rows)"


def test_hostile_text_in_csv_is_no_formula() -> None:
    rows = list(csv.reader(io.StringIO(as_csv(HOSTILE))))
    assert rows[1][0].startswith("'=")
    assert rows[2][0] == ""


def test_json_is_json() -> None:
    rows = json.loads(as_json(HOSTILE), parse_constant=pytest.fail)
    assert rows[0] == {"text": HOSTILE.rows[0][0], "n": None, "inside": ["\x07", None]}
    assert json.loads(as_json(Answer(("n",), ("BIGINT",), []))) == []
