from uuid import UUID


class HexId:
    """An event id in a path: 32 hex digits, as SDKs print it, or with the dashes of a UUID."""

    regex = "[0-9a-fA-F]{32}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"

    def to_python(self, value: str) -> UUID:
        return UUID(value)

    def to_url(self, value: UUID | str) -> str:
        return value if isinstance(value, str) else value.hex
