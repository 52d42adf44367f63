"""What is wrong with a project's relay settings, by field. Pure."""

import math
from collections.abc import Mapping
from typing import Any

from tradewatch.core.dsn import BadDsnError, read_dsn
from tradewatch.ingest.relay.choices import RelayKind


def faults_in(*, kinds: Any, dsn: str, rates: Mapping[str, float | None]) -> dict[str, str]:
    faults = {name: "a number from 0 to 1" for name, rate in rates.items() if rate is not None and not _is_ratio(rate)}
    if not isinstance(kinds, list) or not all(kind in RelayKind.values for kind in kinds):
        faults["kinds"] = f"some of {', '.join(RelayKind.values)}"
    if dsn:
        try:
            read_dsn(dsn)
        except BadDsnError as error:
            faults["dsn"] = str(error)
    return faults


def _is_ratio(rate: float) -> bool:
    return math.isfinite(rate) and 0.0 <= rate <= 1.0
