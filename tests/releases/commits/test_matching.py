import time
from typing import Any

import pytest

from releases.commits.matching import frames_of, matches, segments_of


def frame(path: str = "", *, module: str = "", ours: bool = True, **fields: Any) -> dict[str, Any]:
    values = {"abs_path": path, "filename": path, "module": module, "in_app": ours, **fields}
    return {name: value for name, value in values.items() if value != ""}


def trace(*frames: dict[str, Any]) -> dict[str, Any]:
    """Oldest call first, as SDKs send it."""
    return {"exception": {"values": [{"type": "E", "value": "", "stacktrace": {"frames": list(frames)}}]}}


@pytest.mark.parametrize(
    ("path", "segments"),
    [
        ("/srv/app/risk/margin.py", "srv app risk margin.py"),
        ("C:\\srv\\app\\risk\\margin.py", "srv app risk margin.py"),
        ("app\\risk/margin.py", "app risk margin.py"),
        ("./src/app.ts", "src app.ts"),
        ("app:///src/app.js", "src app.js"),
        ("webpack:///./src/app.ts?a1b2", "src app.ts"),
        ("https://cdn.acme.io/static/app.js?v=2#x", "static app.js"),
        ("", ""),
        ("///", ""),
    ],
)
def test_segments(path: str, segments: str) -> None:
    assert segments_of(path) == tuple(segments.split())


@pytest.mark.parametrize(
    ("touched", "seen", "is_one"),
    [
        ("app/risk/margin.py", frame("/srv/app/risk/margin.py"), True),
        ("app/risk/margin.py", frame("app/risk/margin.py"), True),
        ("services/api/app/risk/margin.py", frame("app/risk/margin.py"), True),
        ("src/app/risk/margin.py", frame("/opt/app/risk/margin.py"), True),  # `src` stayed at home
        ("app/risk/margin.py", frame("C:\\Trading\\App\\Risk\\Margin.py"), True),
        ("app/risk/margin.py", frame("<frozen>", module="app.risk.margin"), True),
        ("app/risk/margin/__init__.py", frame(module="app.risk.margin"), True),
        ("src/main/java/com/acme/risk/Margin.java", frame("Margin.java", module="com.acme.risk.Margin$Limit"), True),
        ("web/src/risk/margin.ts", frame("webpack:///./src/risk/margin.ts"), True),
        ("main.py", frame("main.py"), True),
        ("main.py", frame("/srv/main.py"), False),  # it may be anybody's
        ("app/risk/margin.py", frame("/srv/other/margin.py"), False),
        ("app/risk/margin.py", frame("margin.py"), False),
        ("app/__init__.py", frame("/srv/lib/__init__.py"), False),
        ("app/risk/margin.py", frame("/srv/app/risk/amargin.py"), False),
        ("app/risk/margin.py", frame("/usr/lib/risk/margin.py", ours=False), False),
        ("risk/margin.py", frame("/usr/lib/python3/site-packages/risk/margin.py", ours=False), True),
        ("app/risk/margin.py", frame(), False),
        ("app/risk/margin.py", frame("", module="margin"), False),
        ("", frame("app/risk/margin.py"), False),
    ],
)
def test_a_touched_file_and_a_frame(touched: str, seen: dict[str, Any], is_one: bool) -> None:
    assert bool(matches([touched], frames_of(trace(seen)))) is is_one


def test_of_files_with_one_name_the_longest_match_is_the_file() -> None:
    frames = frames_of(trace(frame("/srv/app/risk/margin.py", module="app.risk.margin")))
    touched = ["app/risk/margin.py", "lib/risk/margin.py", "tests/app/risk/margin.py", "App/Risk/margin.py"]
    assert set(matches(touched, frames)) == {"app/risk/margin.py", "tests/app/risk/margin.py"}
    assert set(matches(touched[1:2], frames)) == {"lib/risk/margin.py"}


def test_our_own_code_near_the_error_comes_first() -> None:
    document = {
        "exception": {
            "values": [
                {"stacktrace": {"frames": [frame("app/cause.py", lineno=3, function="first")]}},
                {
                    "stacktrace": {
                        "frames": [
                            frame("app/api.py", lineno=9, function="post"),
                            frame("app/risk/margin.py", lineno=41, function="check"),
                            frame("vendor/lib/core.py", ours=False),
                        ]
                    }
                },
            ]
        }
    }
    found = matches(["app/cause.py", "app/api.py", "app/risk/margin.py", "vendor/lib/core.py"], frames_of(document))
    order = sorted(found.values(), key=lambda match: match.rank)
    assert [match.frame.place for match in order] == [
        "app/risk/margin.py:41 in check",
        "app/api.py:9 in post",
        "app/cause.py:3 in first",
        "vendor/lib/core.py",
    ]


def test_events_without_an_exception_and_documents_of_any_shape() -> None:
    stack = {"frames": [frame("app/risk/margin.py")]}
    for document in ({"stacktrace": stack}, {"threads": {"values": [{"crashed": True, "stacktrace": stack}]}}):
        assert set(matches(["app/risk/margin.py"], frames_of(document))) == {"app/risk/margin.py"}
    strange: Any
    for strange in ({}, {"exception": None}, {"exception": {"values": [None, {"stacktrace": []}]}}, {"stacktrace": 3}):
        assert frames_of(strange) == []
    assert matches(["a/b.py"], frames_of({"stacktrace": {"frames": [None, {"filename": 3, "module": None}]}})) == {}


def test_a_runaway_recursion_against_many_files_is_quick() -> None:
    frames = frames_of(trace(*(frame(f"/srv/app/part{number % 7}/__init__.py") for number in range(5_000))))
    touched = [f"app/part{number}/__init__.py" for number in range(5_000)]
    began = time.process_time()
    assert len(matches(touched, frames)) == 7
    assert time.process_time() - began < 3  # 0.1 s measured, and others may keep it busy
