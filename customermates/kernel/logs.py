"""Log lines: time, level, logger, request id, message, details; never a key or a reset token."""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime

from customermates.kernel.middleware import request_id

# The last wall: nothing of ours logs these, but a traceback of somebody else's library might.
_SECRETS = re.compile(
    r"\bcm[0-9A-Za-z]{62}\b|\bwhsec_[0-9A-Za-z+/=]{16,}|(?<=/password/reset/key/)[^/\s]+", re.ASCII
)


class LineFormatter(logging.Formatter):
    """One line per event: `2026-11-22T10:00:00Z INFO customermates.request 4f… request method=GET …`.

    Key and value pairs come from `extra={"details": {…}}`.
    """

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds")
        details = "".join(f" {name}={_word(value)}" for name, value in getattr(record, "details", {}).items())
        line = (
            f"{moment.removesuffix('+00:00')}Z {record.levelname} {record.name} {request_id.get()} "
            f"{record.getMessage()}{details}"
        )
        if record.exc_info and not record.exc_text:
            record.exc_text = self.formatException(record.exc_info)
        return _SECRETS.sub("[secret]", f"{line}\n{record.exc_text}" if record.exc_text else line)


def _word(value: object) -> str:
    text = str(value)
    return text if text and not re.search(r"[\s\"=]", text) else repr(text)
