"""What follows a look: others register here, a look knows none of them."""

from collections.abc import Callable

from releases.models import DeploymentLook

Listener = Callable[[DeploymentLook], object]
_listeners: list[Listener] = []


def add_look_listener(listener: Listener) -> None:
    """Call `listener` with each look that was written, in its transaction; from an app's `ready`. Again: still once.

    What it raises undoes the look, which the next tick then takes again.
    """
    if listener not in _listeners:
        _listeners.append(listener)


def after_look(look: DeploymentLook) -> None:
    for listener in _listeners:
        listener(look)
