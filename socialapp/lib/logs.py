"""How a log line looks: one structured line an event, for people and for machines."""

import logging

import structlog


def formatter() -> logging.Formatter:
    """A stdlib formatter that renders with structlog: `time level logger message key=value`."""
    return structlog.stdlib.ProcessorFormatter(
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            # Plain tracebacks: the pretty ones print local variables, and those hold passwords and messages.
            structlog.dev.ConsoleRenderer(
                colors=False, pad_event_to=0, exception_formatter=structlog.dev.plain_traceback
            ),
        ],
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=True),
        ],
    )
