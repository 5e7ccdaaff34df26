"""What is wrapped for measuring is what it says, and is judged as the plain packets are."""

import subprocess
from pathlib import Path

import pytest

from tests.bench import wrap
from tests.bench.generate import generate
from tests.scoring import analyse, score
from tests.truth import read_truth


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("wrap") / "plain.pcap"
    generate(path, 4_000, 100)
    return path


def wrapping(name: str, plain: Path) -> wrap.Wrapping:
    tunnels = {"vxlan": wrap.vxlan, "gre": wrap.gre, "gtp-u": wrap.gtp_u}
    return tunnels[name] if name in tunnels else wrap.F5Trailers(plain.with_suffix(".json"))


@pytest.mark.parametrize("name", ["vxlan", "gre", "gtp-u", "f5"])
def test_the_report_says_the_truth(name: str, plain: Path, tmp_path: Path) -> None:
    """Also where a mirror's tunnel carries no frames, so that no MAC is known."""
    path = tmp_path / f"{name}.pcap"
    wrap.wrap(plain, path, wrapping(name, plain))
    truth = read_truth(plain.with_suffix(".json"))
    result = score(truth, truth.captures[0], analyse(path))
    assert result.right, "\n".join((result.line(), *result.details[:10]))


@pytest.mark.tshark
@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        ("vxlan", "vxlan.vni", "42"),
        ("gre", "gre.key", "0x0000002a"),
        ("gtp-u", "gtp.teid", "0x0000002a"),
        ("f5", "f5ethtrailer.vip", "/Common/bench"),
    ],
)
def test_tshark_sees_the_wrapping(
    name: str, field: str, value: str, plain: Path, tmp_path: Path
) -> None:
    path = tmp_path / f"{name}.pcap"
    wrap.wrap(plain, path, wrapping(name, plain))
    command = ["tshark", "-n", "-r", str(path), "-T", "fields", "-e", field, "-e", "tcp.stream"]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    lines = [line.split("\t") for line in ran.stdout.splitlines()]
    assert {word for word, _ in lines} == {value}
    assert len({stream for _, stream in lines}) == 200
