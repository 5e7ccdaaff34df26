"""What we measure memory and speed with: every form holds the same packets, and nothing stays behind."""

from pathlib import Path

import pytest

from pcapdiag.read import open_capture
from tests.bench import scale
from tests.bench.generate import generate


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scale") / "plain.pcap"
    generate(path, 2_000, 50)
    return path


@pytest.mark.tshark
@pytest.mark.parametrize("form", scale.FORMS, ids=lambda form: form.name)
def test_every_form_holds_the_same_packets(form: scale.Form, plain: Path) -> None:
    found = []
    for path in (plain, form.make(plain)):
        capture = open_capture(str(path), compiled=False)
        frames = [
            bytes(batch.data[record["at"] : record["at"] + record["captured"]])
            for batch in capture
            for record in batch.records
        ]
        found.append(frames)
    assert found[0] == found[1]
    assert len(found[0]) > 1_500


def test_a_form_is_removed_and_the_capture_kept(plain: Path) -> None:
    cost = scale.cost_of(next(form for form in scale.FORMS if form.name == "gzip"), plain)
    assert cost.peak_mib > 10
    assert [path.name for path in sorted(plain.parent.iterdir()) if path.suffix == ".gz"] == []
    assert plain.exists()


def test_a_piped_capture_is_read_to_its_end(plain: Path) -> None:
    cost = scale.cost_of(next(form for form in scale.FORMS if form.piped), plain)
    assert cost.peak_mib > 50  # cat's is a tenth of that
