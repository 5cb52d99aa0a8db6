"""Requests take turns: few are worked on at once, and whoever goes away while waiting is not worked for."""

from __future__ import annotations

import asyncio

from onrecord.web.guard import READS, App, Message, Receive, Send

AT_ONCE = 8
"""Requests worked on at once: enough to keep the cores of a laptop busy while some wait for the database, few enough
that they do not wait inside each other. Chosen by that, not fitted to a measurement."""


class Turns:
    """An ASGI layer that lets `at_once` requests through; the others wait in the order in which they came.

    People's queries, each of which may take seconds, take turns among themselves: no page waits for them.
    """

    def __init__(self, app: App, at_once: int = AT_ONCE) -> None:
        self.app = app
        self.pages, self.queries = asyncio.Semaphore(at_once), asyncio.Semaphore(at_once)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request when its turn comes, unless whoever asked has gone by then."""
        if scope["type"] != "http" or scope["method"] not in READS:
            await self.app(scope, receive, send)
            return
        free = self.queries if scope["path"].startswith(("/sql", "/api/sql")) else self.pages
        first = await receive()
        if first["type"] == "http.disconnect" or not await _turn(free, receive):
            return
        given, ended = iter((first,)), False

        def end() -> None:
            nonlocal ended
            if not ended:
                ended = True
                free.release()

        async def receiving() -> Message:
            message = next(given, None)
            return message if message is not None else await receive()

        async def sending(message: Message) -> None:
            end()  # whoever reads slowly keeps nobody waiting: the answer is made
            await send(message)

        try:
            await self.app(scope, receiving, sending)
        finally:
            end()


async def _turn(free: asyncio.Semaphore, receive: Receive) -> bool:
    """True once it is this request's turn; False when its sender has gone first."""
    if not free.locked():
        return await free.acquire()
    turn, gone = asyncio.ensure_future(free.acquire()), asyncio.ensure_future(_gone(receive))
    try:
        await asyncio.wait((turn, gone), return_when=asyncio.FIRST_COMPLETED)
    finally:
        gone.cancel()
        if not turn.done():
            turn.cancel()
    if not turn.done() or turn.cancelled():
        return False
    if gone.done():
        free.release()
        return False
    return True


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
