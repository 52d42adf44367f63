"""A side whose texts try to be markup, templates, headers, log lines and formulas at once."""

from typing import Any

from django.db import models

from tests.hostile.rows import Side

PRODUCT = str(913 * 7919)  # what a template engine would make of it
MARKUP = "{{913*7919}}"
PAYLOAD = f"{MARKUP}${{913*7919}}<%=913*7919%>{{% debug %}}\r\nX-Injected: 1\r\n\r\n<xss-tag>"
# Words that stand in addresses, or that something reads: not there.
_READ = (
    "slug version metric_name environment zone timezone schedule cron url address host key prefix digest hash secret "
    "token username password email code codes kind state status level severity category matchers window market hours "
    "times calendar pattern path commit ref sha encoding fingerprint dedup_key query scopes reader format locale days"
)
READ = frozenset(_READ.split())


class HostileSide(Side):
    """As a side, each free text with the payload in it."""

    def _plain(self, column: Any) -> Any:
        is_text = isinstance(column, models.CharField | models.TextField)
        if is_text and not column.choices and not READ & {column.name, *column.name.split("_")} and not column.unique:
            return PAYLOAD[: column.max_length] if column.max_length else PAYLOAD
        return super()._plain(column)
