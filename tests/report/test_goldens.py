import pytest

from pcapdiag.report import FORMATS
from tests.report.goldens import FOLDER, SMALL, goldens

WITHOUT = {"html": "test_html.py reads the page as a browser does; its golden would be mostly CSS"}


@pytest.mark.parametrize("name", sorted(goldens()))
def test_a_format_renders_its_golden(name: str) -> None:
    # Changed on purpose?  python -m tests.report.update, then read the diff.
    assert goldens()[name] == (FOLDER / name).read_text(encoding="utf-8")


def test_there_is_no_golden_without_a_test() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(goldens())


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_has_its_golden(name: str) -> None:
    assert (FORMATS[name].render(SMALL) in goldens().values()) == (name not in WITHOUT)
