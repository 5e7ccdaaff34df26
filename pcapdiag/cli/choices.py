"""Options that several commands share, and the Settings they make."""

from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from pcapdiag.report.model import SEVERITIES
from pcapdiag.settings import Endpoint, Settings

POINTS: Final = ("balancer", "client", "server", "router")

TOPOLOGY_KEYS: Final = ("vip", "balancer", "server")
"""Keys of a topology file: the options of the same names, each an entry or a list."""

Command = TypeVar("Command", bound=Callable[..., Any])

files = click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path())


def time_limit(seconds: float, help: str) -> Callable[[Command], Command]:
    """Return the option ``--time-limit`` with its default."""
    return click.option(
        "--time-limit",
        metavar="SECONDS",
        type=click.FloatRange(min=0, min_open=True),
        default=seconds,
        show_default=True,
        help=help,
    )


def fail_on(help: str) -> Callable[[Command], Command]:
    """Return the option ``--fail-on``."""
    return click.option("--fail-on", type=click.Choice(SEVERITIES), help=help)


def exit_on(least: str | None, severities: Iterable[str | None]) -> None:
    """End with exit status 1 when one of the severities is at least the one of ``--fail-on``."""
    if least is not None and not set(SEVERITIES[SEVERITIES.index(least) :]).isdisjoint(severities):
        click.get_current_context().exit(1)


def settings_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that Settings are made of; the command takes them as `settings`."""

    @wraps(command)
    def with_settings(
        vip: tuple[str, ...],
        balancer: tuple[str, ...],
        server: tuple[str, ...],
        topology: str | None,
        rule_folders: tuple[str, ...],
        **others: Any,
    ) -> None:
        command(settings=settings_of(vip, balancer, server, topology, rule_folders), **others)

    options = [
        click.option("--vip", metavar="A[:PORT]", multiple=True, help="A virtual service; repeat."),
        click.option("--balancer", metavar="A", multiple=True, help="An address of the balancer."),
        click.option(
            "--server", metavar="A|CIDR", multiple=True, help="A server or their network."
        ),
        click.option(
            "--topology",
            metavar="FILE",
            type=click.Path(),
            help="YAML file with the keys vip, balancer and server.",
        ),
        click.option(
            "--rules",
            "rule_folders",
            metavar="DIR",
            multiple=True,
            type=click.Path(),
            help="More rules, beside the shipped ones.",
        ),
    ]
    for option in reversed(options):
        with_settings = option(with_settings)
    return with_settings


def settings_of(
    vip: Sequence[str] = (),
    balancer: Sequence[str] = (),
    server: Sequence[str] = (),
    topology: str | None = None,
    rule_folders: Sequence[str] = (),
) -> Settings:
    """Return the Settings of the given options; click.UsageError names what cannot be understood."""
    named = _topology_file(topology) if topology else {}
    return Settings(
        vips=tuple(_endpoint(text) for text in (*vip, *named.get("vip", ()))),
        balancers=tuple(_address(text) for text in (*balancer, *named.get("balancer", ()))),
        servers=tuple(_network(text) for text in (*server, *named.get("server", ()))),
        rules=folders_of(rule_folders),
    )


def folders_of(names: Sequence[str], option: str = "--rules ") -> tuple[Path, ...]:
    """Return the folders of rules; click.UsageError, beginning with `option`, for one that is none."""
    for name in names:
        if not Path(name).is_dir():
            raise click.UsageError(f"{option}{name}: no such folder.")
    return tuple(Path(name) for name in names)


def points_of(texts: Sequence[str], names: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return (file, capture point) of ``FILE=POINT`` texts; the files must be among `names`."""
    found = []
    for text in texts:
        name, _, point = text.rpartition("=")
        if name not in names:
            raise click.UsageError(
                f"--point {text}: {name or text!r} is not among the files given."
            )
        if point not in POINTS:
            raise click.UsageError(f"--point {text}: the point must be one of {', '.join(POINTS)}.")
        found.append((name, point))
    return tuple(found)


def _topology_file(name: str) -> dict[str, list[str]]:
    import yaml

    try:
        data = yaml.safe_load(Path(name).read_text(encoding="utf-8"))
    except OSError as error:
        raise click.UsageError(f"--topology {name}: {error.strerror}.") from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        where = " ".join(str(error).split())
        raise click.UsageError(f"--topology {name}: not YAML: {where}") from error
    if not isinstance(data, dict) or not all(key in TOPOLOGY_KEYS for key in data):
        keys = ", ".join(TOPOLOGY_KEYS)
        raise click.UsageError(f"--topology {name}: it may have the keys {keys} and no others.")
    return {key: _entries(name, key, value) for key, value in data.items()}


def _entries(name: str, key: str, value: object) -> list[str]:
    entries = value if isinstance(value, list) else [value]
    if not all(isinstance(entry, str) for entry in entries):
        raise click.UsageError(f"--topology {name}: {key} must be an address or a list of them.")
    return [str(entry) for entry in entries]


def _endpoint(text: str) -> Endpoint:
    """Read ``10.0.0.1``, ``10.0.0.1:25``, ``2001:db8::1`` or ``[2001:db8::1]:25``."""
    address, port = text, ""
    if text.startswith("["):
        address, _, rest = text[1:].partition("]")
        if "]" not in text or (rest and not rest.startswith(":")):
            address = text
        port = rest[1:]
        bare = not rest
    elif text.count(":") == 1:
        address, _, port = text.partition(":")
        bare = False
    else:
        bare = True
    try:
        known = str(ip_address(address))
    except ValueError:
        raise click.UsageError(
            f"--vip {text}: not an address; write 10.0.0.1, 10.0.0.1:25 or [2001:db8::1]:25."
        ) from None
    if bare:
        return Endpoint(known)
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise click.UsageError(f"--vip {text}: the port must be a number from 1 to 65535.")
    return Endpoint(known, int(port))


def _address(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        raise click.UsageError(f"--balancer {text}: not an address; write 10.0.0.1.") from None


def _network(text: str) -> str:
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        raise click.UsageError(
            f"--server {text}: neither an address nor a network; write 10.0.0.1 or 10.0.0.0/24."
        ) from None
    single = network.num_addresses == 1
    return str(network.network_address) if single else str(network)
