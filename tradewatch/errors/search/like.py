"""Two lookups for values with wildcards. The text between the wildcards is always taken as it is.

title__resembles=("margin", "")    starts with it, in any case
value__shaped=("1.2", "")          starts with it, in this case: what an index is ordered by
"""

import re
from collections.abc import Sequence
from typing import Any

from django.db.models import CharField, Lookup


def like_pattern(parts: Sequence[str]) -> str:
    return "%".join(re.sub(r"([\\%_])", r"\\\1", part) for part in parts)


def glob_pattern(parts: Sequence[str]) -> str:
    """Return the pattern of SQLite's GLOB (https://www.sqlite.org/lang_expr.html#glob), which runs by index."""
    return "*".join(re.sub(r"([*?\[])", r"[\1]", part) for part in parts)


class _Wildcards(Lookup):
    prepare_rhs = False

    def _sql(self, compiler: Any, connection: Any, operator: str, pattern: str) -> tuple[str, tuple[Any, ...]]:
        left, parameters = self.process_lhs(compiler, connection)
        return f"{left} {operator}", (*parameters, pattern)


@CharField.register_lookup
class Resembles(_Wildcards):
    """Fits in any case; on SQLite only the letters A to Z are the same in both cases."""

    lookup_name = "resembles"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        operator = "ILIKE" if connection.vendor == "postgresql" else "LIKE"
        return self._sql(compiler, connection, rf"{operator} %s ESCAPE '\'", like_pattern(self.rhs))


@CharField.register_lookup
class Shaped(_Wildcards):
    """Fits in this very case."""

    lookup_name = "shaped"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        if connection.vendor == "postgresql":
            return self._sql(compiler, connection, r"LIKE %s ESCAPE '\'", like_pattern(self.rhs))
        return self._sql(compiler, connection, "GLOB %s", glob_pattern(self.rhs))
