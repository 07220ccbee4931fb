"""A proxy that adds an API key: the conformance suite cannot send one itself.

Everything else passes as it is, `Host` and `Origin` above all, since the suite tests them.
`python proxy.py LISTEN_PORT SERVER_PORT` with the key in the environment variable MCP_KEY.
"""

from __future__ import annotations

import os
import sys
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


class Handler(BaseHTTPRequestHandler):
    """Sends each request on with the key and hands the answer back."""

    protocol_version = "HTTP/1.1"

    def _forward(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        server = HTTPConnection("127.0.0.1", int(sys.argv[2]), timeout=60)
        server.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in HOP_BY_HOP:
                server.putheader(name, value)
        server.putheader("Authorization", f"Bearer {os.environ['MCP_KEY']}")
        server.putheader("Content-Length", str(len(body)))
        server.endheaders(body)
        answer = server.getresponse()
        content = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        server.close()

    do_GET = do_POST = do_DELETE = do_PUT = do_OPTIONS = _forward  # noqa: N815 - http.server's names

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the suite prints what matters."""


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
