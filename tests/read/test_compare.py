"""Every frame as tshark has it: number, captured and wire length, time, on captures by other people."""

import csv
import shutil
from pathlib import Path
from typing import Final

import pytest

from tests.read.compare import compare

ROOT: Final = Path(__file__).parents[2]
PUBLIC: Final = ROOT.parent / "shared" / "captures"
OWN: Final = sorted((ROOT / "samples").glob("*.pcap*"))
EVERY: Final = 31
"""One file in so many; `python -m tests.read.compare ../shared/captures` takes all, in four minutes."""

with (ROOT / "tests/read/differences.tsv").open(encoding="utf-8", newline="") as table:
    DIFFERENCES: Final = dict(list(csv.reader(table, delimiter="\t"))[1:])

pytestmark = pytest.mark.tshark


@pytest.fixture(autouse=True)
def tshark() -> None:
    if shutil.which("tshark") is None:
        pytest.skip("tshark is not installed")


def test_own_samples() -> None:
    assert {path.name: compare(str(path)) for path in OWN[::9]} == {
        path.name: ("equal", "") for path in OWN[::9]
    }


def test_public_captures() -> None:
    if not PUBLIC.is_dir():
        pytest.skip("no public captures beside this checkout")
    files = [path for path in sorted(PUBLIC.rglob("*")) if path.is_file()]
    differing = set()
    for path in files[::EVERY]:
        name = path.relative_to(PUBLIC).as_posix()
        if compare(str(path))[0] not in ("equal", "neither reads"):
            differing.add(name)
    assert differing <= DIFFERENCES.keys()


@pytest.mark.parametrize("name", sorted(DIFFERENCES))
def test_differences_are_still_there(name: str) -> None:
    if not PUBLIC.is_dir():
        pytest.skip("no public captures beside this checkout")
    assert compare(str(PUBLIC / name))[0] not in ("equal", "neither reads")
