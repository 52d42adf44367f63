"""How a line of the log is written: what somebody sent can begin no other."""

import logging

_BREAKS = {each: repr(chr(each))[1:-1] for each in (*range(32), *range(0x7F, 0xA0), 0x2028, 0x2029) if each != 9}


class OneLine(logging.Formatter):
    """A message is one line, its control characters escaped; a traceback's lines are indented under it."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - as the base class has it
        return super().formatMessage(record).translate(_BREAKS)

    def formatException(self, ei: object) -> str:  # noqa: N802
        lines = super().formatException(ei).splitlines()  # type: ignore[arg-type]  # as logging passes it on
        return "\n".join(f"  {line}" for line in lines)
