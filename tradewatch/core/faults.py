"""What a service may refuse, raised where the fact is known and answered at the edge (API, admin, page)."""

from collections.abc import Mapping, Sequence


class Fault(Exception):
    """Base of refusals. `detail` is a sentence for a person; `errors` names the fields at fault."""

    status = 400

    def __init__(self, detail: str, *, errors: Mapping[str, Sequence[str]] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = {name: list(texts) for name, texts in (errors or {}).items()}


class Invalid(Fault):
    """A value is not what is expected."""


class NotAllowed(Fault):
    """The actor lacks the role or scope."""

    status = 403


class Unknown(Fault):
    """The object does not exist, or the actor may not know of it."""

    status = 404


class Conflict(Fault):
    """The object's state does not allow it."""

    status = 409
