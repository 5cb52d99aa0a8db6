"""Run the app on an address of this machine until Ctrl-C."""

from __future__ import annotations

import errno
import ipaddress
import socket
import webbrowser
from collections.abc import Callable
from pathlib import Path

import uvicorn

from onrecord.errors import UsageError
from onrecord.web.app import Settings, create


def serve(
    record: str | Path,
    host: str = "127.0.0.1",
    port: int = 8000,
    *,
    read_only: bool | None = None,
    allow_hosts: tuple[str, ...] = (),
    open_browser: bool = False,
    tell: Callable[[str], None] = print,
) -> None:
    """Serve a record until Ctrl-C; `tell` is given the address, once it answers.

    Port 0 takes a free one. Unless told otherwise, corrections can be made only where the address is this machine's
    own: whoever can load a page can send what the page sends. Raises `RecordError` when the record cannot be opened and
    `UsageError` when the address cannot be had.
    """
    if read_only is None:
        read_only = not _own(host)
        if read_only:
            tell("served read-only, because others can reach this address; see --allow-writes")
    settings = Settings(Path(record), read_only=read_only, hosts=frozenset(h.lower() for h in (host, *allow_hosts)))
    app = create(settings)
    listening = _listen(host, port)
    address = f"http://{_written(host)}:{listening.getsockname()[1]}/"
    tell(address)
    if not read_only:
        tell(f"corrections by programs: send the header X-Onrecord-Token: {settings.token}")
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=False,
        limit_concurrency=512,
        timeout_keep_alive=15,
        h11_max_incomplete_event_size=32 * 1024,
    )
    if open_browser:
        webbrowser.open(address)
    uvicorn.Server(config).run(sockets=[listening])


def _own(host: str) -> bool:
    """True when nobody but this machine can reach the address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _written(host: str) -> str:
    try:
        return f"[{host}]" if ipaddress.ip_address(host).version == 6 else host
    except ValueError:
        return host


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # the event loop sends small answers at once (TCP_NODELAY) only where the protocol is named
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise UsageError(f"port {port} on {host} is taken; choose another with --port, or --port 0") from error
        raise UsageError(f"cannot listen on {host} port {port}: {error.strerror}; see --host and --port") from error
    except OverflowError as error:
        raise UsageError(f"no port {port}; choose one from 0 to 65535") from error
    return listening
