"""The web app: a record looked at in a browser, and an HTTP API; nothing leaves the machine.

`create` makes the ASGI application, `serve` runs it. Pages are made on the server; the little script there is only adds
to pages that work without it.
"""

from onrecord.web.app import Settings, create
from onrecord.web.serve import serve

__all__ = ["Settings", "create", "serve"]
