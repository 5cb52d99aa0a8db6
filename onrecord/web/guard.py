"""What stands before every request: whose name it asks for, where it comes from, how much it sends, what it may write.

A page elsewhere may make a browser send requests here, or a name that resolves to this machine (DNS rebinding). So the
Host must be one we answer to, a request that writes must come from our own pages, and must hold the token that they
were given. Every answer forbids inline script, foreign assets and framing.
"""

from __future__ import annotations

import hmac
import ipaddress
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

MAX_BODY = 256 * 1024
READS = ("GET", "HEAD", "OPTIONS")
HEADERS = {
    "content-security-policy": (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "x-frame-options": "DENY",
}

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]


class Guard:
    """An ASGI layer: refuses what must not come in, in the one error shape, and puts headers on what goes out."""

    def __init__(self, app: App, hosts: frozenset[str], token: str, read_only: bool) -> None:
        self.app, self.hosts, self.token, self.read_only = app, hosts, token, read_only

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer or refuse one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message["headers"]}
                message["headers"] = list(message["headers"]) + [
                    (k.encode(), v.encode()) for k, v in HEADERS.items() if k.encode() not in given
                ]
            await send(message)

        headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]}
        refused = self._refusal(scope["method"], headers)
        if refused is None:
            await self.app(scope, _bounded(receive, refusing := _TooLarge()), _unless(sending, refusing))
            return
        await _refuse(sending, *refused)

    def _refusal(self, method: str, headers: dict[str, str]) -> tuple[int, str, str, str] | None:
        host = headers.get("host", "")
        if not self._known(host):
            return 421, "unknown_host", "this server does not answer to that name", "name it with --allow-host"
        if method in READS:
            return None
        origin = headers.get("origin")
        if origin is not None and origin.partition("://")[2] != host:
            return 403, "foreign_origin", "the request comes from another site", "use the pages of this server"
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return 403, "foreign_origin", "the request comes from another site", "use the pages of this server"
        if self.read_only:
            return 403, "read_only", "this record is served read-only", "serve it without --read-only to correct it"
        if not hmac.compare_digest(headers.get("x-onrecord-token", "").encode(), self.token.encode()):
            return (
                403, "no_token", "writing needs the header X-Onrecord-Token",
                "the token is printed when the server starts, and new at each start; reload the page",
            )  # fmt: skip
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > MAX_BODY:
            return 413, "too_large", f"the body is larger than {MAX_BODY} bytes", "send less"
        return None

    def _known(self, host: str) -> bool:
        name = host.lower()
        if name.startswith("["):
            name = name[1:].partition("]")[0]
        else:
            name = name.partition(":")[0]
        if name in self.hosts or name == "localhost":
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True  # an address, not a name: nobody can make it resolve elsewhere


class _TooLarge:
    met = False


def _bounded(receive: Receive, refusing: _TooLarge) -> Receive:
    """Counts the body as it comes, for senders that do not say how long it is."""
    seen = 0

    async def receiving() -> Message:
        nonlocal seen
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > MAX_BODY:
                refusing.met = True
                return {"type": "http.disconnect"}
        return message

    return receiving


def _unless(send: Send, refusing: _TooLarge) -> Send:
    """In place of whatever the app makes of a body that was cut: the refusal, once."""
    told = False

    async def sending(message: Message) -> None:
        nonlocal told
        if not refusing.met:
            await send(message)
        elif not told:
            told = True
            await _refuse(send, 413, "too_large", f"the body is larger than {MAX_BODY} bytes", "send less")

    return sending


async def _refuse(send: Send, status: int, code: str, message: str, remedy: str) -> None:
    body = json.dumps({"error": {"code": code, "message": message, "remedy": remedy}}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
