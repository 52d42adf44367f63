"""Frames out of what Python prints."""

import traceback

from debugging.contexts.tracebacks import frames_of_text

CHAINED = """Traceback (most recent call last):
  File "/app/cache.py", line 3, in read
    return cache[key]
KeyError: 'acc'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/app/main.py", line 10, in <module>
    place(order)
    ~~~~~^^^^^^^
  File "/app/risk.py", line 44, in check
    raise MarginError from None
MarginError
"""


def test_the_last_traceback_gives_its_frames_the_oldest_first() -> None:
    frames = frames_of_text(CHAINED)
    assert [(frame["filename"], frame["lineno"], frame["function"]) for frame in frames] == [
        ("/app/main.py", 10, "<module>"),
        ("/app/risk.py", 44, "check"),
    ]
    assert [frame["context_line"].strip() for frame in frames] == ["place(order)", "raise MarginError from None"]


def test_a_real_one_is_read_as_it_was_raised() -> None:
    try:
        int("x")
    except ValueError:
        frames = frames_of_text(traceback.format_exc())
    (frame,) = frames
    assert frame["function"] == "test_a_real_one_is_read_as_it_was_raised"
    assert frame["context_line"].strip() == 'int("x")' and frame["filename"] == __file__


def test_what_is_none_gives_none() -> None:
    assert frames_of_text("boom") == frames_of_text("") == []
    assert len(frames_of_text('  File "a", line 1, in f\n' * 5000)) == 1000
