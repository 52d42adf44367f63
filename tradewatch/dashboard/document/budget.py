"""How much HTML each part of the page may be made of."""

from django.utils.html import conditional_escape


class Budget:
    """Bytes that may still be written, and how many pieces did not fit.

    The page stays below 200 KB whatever an event holds: the frame and its lists take about 40 KB, the budgets below
    share the rest.
    """

    __slots__ = ("left", "left_out")

    def __init__(self, size: int) -> None:
        self.left = size
        self.left_out = 0

    def takes(self, html: str, *, markup: int = 0) -> bool:
        """Take the bytes of `html` and `markup` more. False, and one more left out, when they are not there.

        What is no HTML yet counts as what escaping will make of it.
        """
        size = len(conditional_escape(html).encode()) + markup
        if size > self.left:
            self.left_out += 1
            return False
        self.left -= size
        return True


FRAME_LINES = 31_000
FRAME_DETAILS = 45_000
EXCEPTION_TEXTS = 10_000
THREADS = 6_000
CRUMBS = 18_000
REQUEST = 18_000
CONTEXTS = 16_000
USER = 2_500
MESSAGE = 6_000
UNKEPT = 3_000
