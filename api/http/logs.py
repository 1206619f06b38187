"""Structured logs: one JSON object a line, without anything about anyone."""

import logging
import sys
import traceback
from types import TracebackType
from typing import Any, BinaryIO

import msgspec
import structlog
from structlog.typing import EventDict, WrappedLogger


def configure_logs(file: BinaryIO) -> None:
    """Log from now on as JSON lines into a file, the server's own messages included."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_messages,
            _as_json,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.BytesLoggerFactory(file),
        cache_logger_on_first_use=True,
    )
    handler = _ToStructlog()
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True


def _as_json(_logger: WrappedLogger, _name: str, event: EventDict) -> bytes:
    return msgspec.json.encode(event, enc_hook=repr)


def _without_messages(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """An exception as its kind and where it came from. Its message may hold what a row or a person said."""
    failure = event.pop("exc_info", None)
    if failure is True:
        failure = sys.exc_info()[1]
    elif isinstance(failure, tuple):
        failure = failure[1]
    if isinstance(failure, BaseException):
        event["failure"] = f"{type(failure).__module__}.{type(failure).__qualname__}"
        event["trace"] = _places(failure.__traceback__)
    return event


def _places(trace: TracebackType | None) -> list[str]:
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]


class _ToStructlog(logging.Handler):
    """Hands what libraries log to structlog."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log one record, its exception without its message."""
        known: dict[str, Any] = {"exc_info": record.exc_info[1]} if record.exc_info else {}
        level = max(logging.INFO, record.levelno)
        structlog.get_logger(record.name).log(level, record.getMessage(), **known)
