"""Web processes of one process alone, to be killed: `python -m bench.torture.web`.

Each port on a line of standard input asks for one, and its process id is the answer. gunicorn would have
two, and whoever kills one leaves the other; the application is the same. All are forks of one process that
has loaded the application and opened nothing, so that two hundred of them do not load it two hundred times.
"""

from __future__ import annotations

import os
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


def main() -> None:
    """One process after the other, each until it is killed."""
    from django.urls import get_resolver

    from customermates.wsgi import application

    get_resolver().check()  # loads all that the first request would
    for line in sys.stdin:
        if child := os.fork():
            print(child, flush=True)
            os.waitpid(child, 0)
            continue
        with make_server("127.0.0.1", int(line), application, _Server, _Silent) as server:
            server.serve_forever()


if __name__ == "__main__":
    main()
