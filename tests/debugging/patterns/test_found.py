import pytest

from debugging.patterns.found import strength_words


@pytest.mark.parametrize(
    ("kind", "strength", "words"),
    [
        ("share", 31.7, "32x"),
        ("burst", 1250.0, "1,250x"),
        ("share", 0.4, ""),
        ("similar", 0.89, ""),
        ("periodic", 9, ""),
    ],
)
def test_only_what_is_times_the_usual_is_called_so(kind: str, strength: float, words: str) -> None:
    assert strength_words(kind, strength) == words
