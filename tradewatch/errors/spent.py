"""What nothing more may go of for now, so that whoever begins anew passes over it. Within one process."""

_MOST = 50_000
_spent: set[tuple[object, ...]] = set()


def is_spent(*key: object) -> bool:
    return key in _spent


def note_spent(*key: object) -> None:
    if len(_spent) >= _MOST:
        _spent.clear()
    _spent.add(key)


def forget_spent() -> None:
    _spent.clear()
