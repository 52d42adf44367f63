"""Fields of request bodies and queries that many endpoints share."""

from typing import Any

from rest_framework import serializers

LARGEST_ID = 2**63 - 1  # a database refuses to compare its keys with more


class IdField(serializers.IntegerField):
    """The id of a row, of which none may be there."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=1, max_value=LARGEST_ID, **options)
