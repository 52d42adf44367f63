"""Small pictures drawn on the server, as SVG path data."""

from collections.abc import Sequence

WIDTH, HEIGHT = 96.0, 22.0
EMPTY_HEIGHT = 0.6  # a bucket without events keeps a hairline: looked at, nothing there


def bars_path(values: Sequence[int], indexes: range) -> str:
    """Return the path of the bars at `indexes`, in a box of 96 by 22, scaled to the highest of all `values`."""
    if not values:
        return ""
    pitch = WIDTH / len(values)
    highest = max(max(values), 1)
    return "".join(
        f"M{index * pitch:.1f} 22v-{_height(values[index], highest):.1f}h{pitch * 0.75:.1f}V22z" for index in indexes
    )


def _height(value: int, highest: int) -> float:
    return max(value / highest * (HEIGHT - 2), EMPTY_HEIGHT)
