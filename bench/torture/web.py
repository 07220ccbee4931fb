"""A web process of one process alone, to be killed: `python -m bench.torture.web PORT`.

gunicorn would have two, and whoever kills one leaves the other; the application is the same.
"""

from __future__ import annotations

import sys
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server


class _Server(ThreadingMixIn, WSGIServer):
    """A thread for each connection, as in production."""

    daemon_threads = True


class _Silent(WSGIRequestHandler):
    """Without a line for each request."""

    def log_message(self, format: str, *args: object) -> None:
        pass


def main(port: int) -> None:
    """Serve until killed."""
    from customermates.wsgi import application

    with make_server("127.0.0.1", port, application, _Server, _Silent) as server:
        server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]))
