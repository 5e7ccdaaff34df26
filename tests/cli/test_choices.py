"""Options become Settings, or an error that shows how to write them."""

from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from pcapdiag.cli.choices import exit_on, fail_on, points_of, settings_of, settings_options
from pcapdiag.settings import Endpoint, Settings

addresses = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6))


@given(addresses, st.none() | st.integers(1, 65535))
def test_every_end_point_can_be_written(
    address: IPv4Address | IPv6Address, port: int | None
) -> None:
    text = f"[{address}]" if address.version == 6 and port is not None else str(address)
    written = text if port is None else f"{text}:{port}"
    assert settings_of(vip=[written]).vips == (Endpoint(str(address), port),)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "1.2.3",
        "1.2.3.4:",
        "1.2.3.4:x",
        "1.2.3.4:65536",
        "1.2.3.4:+5",
        "[::1]5",
        "[::1]:",
        "[::1",
        "1.2.3.4:٣",
    ],
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(click.UsageError, match="--vip"):
        settings_of(vip=[text])


def test_nothing_given_is_the_defaults() -> None:
    assert settings_of() == Settings()


def test_servers_may_be_networks() -> None:
    found = settings_of(server=["192.0.2.7/24", "2001:db8::1"]).servers
    assert found == ("192.0.2.0/24", "2001:db8::1")


def test_topology_file_adds_to_the_options(tmp_path: Path) -> None:
    file = tmp_path / "site.yaml"
    file.write_text("vip: '192.0.2.1:25'\nbalancer: [192.0.2.2, '2001:db8::2']\n")
    found = settings_of(vip=["192.0.2.9"], topology=str(file))
    assert found.vips == (Endpoint("192.0.2.9"), Endpoint("192.0.2.1", 25))
    assert found.balancers == ("192.0.2.2", "2001:db8::2")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("vip: [", "not YAML"),
        ("- 192.0.2.1", "no others"),
        ("vips: 192.0.2.1", "no others"),
        ("vip: {a: b}", "a list"),
        ("vip: 25", "a list"),
        ("vip: !!python/object/apply:os.system [id]", "not YAML"),
        ("", "no others"),
    ],
)
def test_topology_files_that_are_none(tmp_path: Path, text: str, word: str) -> None:
    file = tmp_path / "site.yaml"
    file.write_text(text)
    with pytest.raises(click.UsageError, match=word):
        settings_of(topology=str(file))


def test_points_may_have_an_equals_sign_in_the_file() -> None:
    assert points_of(["a=b.pcap=router"], ["a=b.pcap"]) == (("a=b.pcap", "router"),)


@click.command()
@settings_options
@fail_on("Fail.")
def command(settings: Settings, fail_on: str | None) -> None:
    click.echo(" ".join(endpoint.address for endpoint in settings.vips))
    exit_on(fail_on, ["warning", None])


def test_a_command_takes_its_options_as_settings() -> None:
    result = CliRunner().invoke(command, ["--vip", "192.0.2.1", "--vip", "::1"])
    assert (result.exit_code, result.stdout) == (0, "192.0.2.1 ::1\n")


@pytest.mark.parametrize(("least", "status"), [("note", 1), ("warning", 1), ("error", 0)])
def test_the_exit_status_follows_the_worst(least: str, status: int) -> None:
    assert CliRunner().invoke(command, ["--fail-on", least]).exit_code == status
