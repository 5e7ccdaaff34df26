"""Clients of the laboratory: what users do, and what they experienced.

Run in a client's namespace as ``python -m tests.lab.clients JSON``, a list of visits; prints the
outcomes as JSON.  Every wait is bounded by the visit's patience.
"""

import errno
import json
import socket
import ssl
import sys
import threading
import time
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Visit:
    """One connection a client will make."""

    token: str
    """Names the visit in the payload, so that a server's log tells which one it served."""
    source: str
    target: str
    port: int
    kind: str
    """``smtp``, ``http`` or ``tls``."""
    delay_s: float = 0.0
    """After the start of the client's program."""
    size: int = 300
    """Bytes of the mail's body or of the HTTP answer."""
    requests: int = 1
    """HTTP requests on the connection."""
    pause_s: float = 0.0
    """Before the mail's last command, and between requests."""
    patience_s: float = 12.0
    source_port: int = 0
    """0: the kernel's choice."""


@dataclass(frozen=True)
class Experience:
    """What became of a visit."""

    token: str
    src: str
    dst: str
    result: str
    """``ok refused unreachable timeout reset closed-no-banner no-answer http-503`` ..."""
    started: float
    ended: float
    """Seconds since the epoch; the balancer's connection table has the same clock."""


def visit(plan: Visit) -> Experience:
    """Make one connection and say how it went."""
    family = socket.AF_INET6 if ":" in plan.target else socket.AF_INET
    time.sleep(plan.delay_s)
    started = time.time()
    with socket.socket(family, socket.SOCK_STREAM) as connection:
        connection.settimeout(plan.patience_s)
        connection.bind((plan.source, plan.source_port))
        port = connection.getsockname()[1]
        try:
            connection.connect((plan.target, plan.port))
            result = TALKS[plan.kind](connection, plan)
        except ConnectionRefusedError:
            result = "refused"
        except ConnectionResetError:
            result = "reset"
        except TimeoutError:
            result = "timeout"
        except OSError as error:
            if error.errno not in (errno.EHOSTUNREACH, errno.ENETUNREACH):
                raise
            result = "unreachable"
    brackets = "[{}]:{}" if family == socket.AF_INET6 else "{}:{}"
    return Experience(
        token=plan.token,
        src=brackets.format(plan.source, port),
        dst=brackets.format(plan.target, plan.port),
        result=result,
        started=started,
        ended=time.time(),
    )


def smtp(connection: socket.socket, plan: Visit) -> str:
    """Send one mail."""
    lines = connection.makefile("rb")
    if not lines.readline().startswith(b"220"):
        return "closed-no-banner"
    body = "A line of the mail, so long and no longer than this.\r\n" * (plan.size // 54 + 1)
    for command in (
        f"EHLO {plan.token}\r\n",
        f"MAIL FROM:<{plan.token}@client.example>\r\n",
        "RCPT TO:<user@server.example>\r\n",
        "DATA\r\n",
        f"Subject: {plan.token}\r\n\r\n{body}.\r\n",
        "QUIT\r\n",
    ):
        if command.startswith("QUIT"):
            time.sleep(plan.pause_s)
        connection.sendall(command.encode())
        while (answer := lines.readline())[3:4] == b"-":
            pass
        if answer[:1] not in (b"2", b"3"):
            return f"smtp-{answer[:3].decode()}" if answer else "closed-in-dialogue"
    return "ok"


def http(connection: socket.socket, plan: Visit) -> str:
    """Ask for so many bytes, so many times."""
    lines = connection.makefile("rb")
    for number in range(plan.requests):
        closing = "close" if number == plan.requests - 1 else "keep-alive"
        if number:
            time.sleep(plan.pause_s)
        connection.sendall(
            f"GET /{plan.token}/{plan.size} HTTP/1.1\r\nHost: service.example\r\n"
            f"Connection: {closing}\r\n\r\n".encode()
        )
        status = lines.readline().split()
        if not status:
            return "no-answer"
        length = 0
        while header := lines.readline().strip():
            if header.lower().startswith(b"content-length:"):
                length = int(header.split(b":")[1])
        if len(lines.read(length)) < length:
            return "cut-short"
        if status[1] != b"200":
            return f"http-{status[1].decode()}"
    return "ok"


def tls(connection: socket.socket, plan: Visit) -> str:
    """Begin a TLS handshake and ask inside."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        return http(context.wrap_socket(connection, server_hostname="service.example"), plan)
    except ssl.SSLError as error:
        return f"tls-{error.reason}"


TALKS = {"smtp": smtp, "http": http, "tls": tls}


def visit_all(plans: list[Visit]) -> list[Experience]:
    """Make all visits at their times; the outcomes in the order of the plans."""
    done: dict[str, Experience] = {}

    def one(plan: Visit) -> None:
        done[plan.token] = visit(plan)

    threads = [threading.Thread(target=one, args=(plan,)) for plan in plans]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return [done[plan.token] for plan in plans]


if __name__ == "__main__":
    asked: list[dict[str, Any]] = json.loads(sys.argv[1])
    print(json.dumps([asdict(one) for one in visit_all([Visit(**plan) for plan in asked])]))
