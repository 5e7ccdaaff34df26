import pytest

from tests.report.goldens import FOLDER, goldens


@pytest.mark.parametrize("name", sorted(goldens()))
def test_a_format_renders_its_golden(name: str) -> None:
    # Changed on purpose?  python -m tests.report.update, then read the diff.
    assert goldens()[name] == (FOLDER / name).read_text(encoding="utf-8")


def test_there_is_no_golden_without_a_test() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(goldens())
