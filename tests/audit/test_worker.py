"""What one capture comes to, in the worker's process."""

from pathlib import Path

from pcapdiag.audit.find import Found
from pcapdiag.audit.worker import analyse
from pcapdiag.settings import Settings

STORY = Path(__file__).parents[2] / "samples" / "story.pcap"


def test_a_capture_gets_its_verdict() -> None:
    row = analyse(Found(str(STORY), "s"), Settings(compiled=False))
    assert (row.file, row.verdict, row.error) == ("s", "return-path-bypasses-balancer", None)


def test_what_cannot_be_read_gets_the_reason(tmp_path: Path) -> None:
    row = analyse(Found(str(tmp_path / "gone"), "gone"), Settings())
    assert row.verdict is None
    assert row.error is not None
    assert "does not exist" in row.error


def test_a_rule_that_fails_on_a_capture_is_its_author_s_business(tmp_path: Path) -> None:
    (tmp_path / "my-rule.yaml").write_text(
        "id: my-rule\ntitle: T\nseverity: note\nscope: vip\nsummary: S.\nmeans: M.\n"
        "when: error('too much') is null\ntests: {fires: [], silent: []}\n"
    )
    row = analyse(Found(str(STORY), "s"), Settings(compiled=False, rules=(tmp_path,)))
    assert row.error is not None
    assert "my-rule.yaml:7: " in row.error
