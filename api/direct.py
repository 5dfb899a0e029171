"""The short way: to the interface past the routes, and past the rules for pages of other sites."""

from collections.abc import Awaitable

from starlette.types import ASGIApp, Receive, Scope, Send


class Direct:
    """Takes requests of one path the short way, where no page of another site can have sent them.

    Routes and the rules of CORS cost more than a whole answer that is kept. A request without
    `Origin` is none of theirs: that an answer would differ with one, the interface says itself.
    """

    def __init__(self, app: ASGIApp, *, path: str, interface: ASGIApp) -> None:
        self._app = app
        self.path = path
        self._interface = interface

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve as the application within does."""
        direct = scope["type"] == "http" and scope["path"] == self.path
        if direct and b"origin" not in dict(scope["headers"]):
            scope["route"] = self  # whoever counts requests asks for the path of their route
            return self._interface(scope, receive, send)
        return self._app(scope, receive, send)
