import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewatch.inbox.envelope import (
    EnvelopeError,
    EnvelopeTooLargeError,
    Item,
    build_envelope,
    parse_envelope,
    survey,
)
from tradewatch.inbox.limits import Limits

LIMITS = Limits(envelope_bytes=1 << 20, header_bytes=200, item_bytes=50, attachment_bytes=100)
NO_LINE_END = "The header of item 1 promises 2 bytes, but no line ends after them."
ID = "9ec79c33ec9942ab8353589fcb2e04dc"


def parsed(body: bytes, limits: Limits = LIMITS):
    envelope = parse_envelope(body, limits)
    return envelope.headers, [(item.type, item.payload) for item in envelope.items]


@pytest.mark.parametrize(
    ("body", "headers", "items"),
    [
        (b"{}", {}, []),
        (b"{}\n", {}, []),
        (b"{}\n\n\n", {}, []),
        (b'{}\n{"type":"event"}\nabc', {}, [("event", b"abc")]),
        (b'{}\n{"type":"event"}\nabc\n', {}, [("event", b"abc")]),
        (b'{}\n{"type":"event","length":3}\nabc', {}, [("event", b"abc")]),
        (b'{}\n{"type":"event","length":3}\nabc\n\n\n', {}, [("event", b"abc")]),
        (b'{}\n{"type":"event","length":null}\nabc\n', {}, [("event", b"abc")]),
        (b'{}\n{"type":"attachment","length":4}\na\n\nb\n', {}, [("attachment", b"a\n\nb")]),
        (b'{}\n{"type":"attachment","length":3}\nab\r\n', {}, [("attachment", b"ab\r")]),
        (b'{}\n{"type":"attachment"}\nab\r\n', {}, [("attachment", b"ab\r")]),
        (b'{}\n{"type":"attachment","length":0}\n\n{"type":"event"}\n{}', {}, [("attachment", b""), ("event", b"{}")]),
        (b'{}\n{"type":"attachment","length":0}\n', {}, [("attachment", b"")]),
        (b'{}\n{"type":"attachment","length":0}', {}, [("attachment", b"")]),
        (b'{}\n{"type":"session"}', {}, [("session", b"")]),
        (b'{}\n{"type":"session"}\n\n{"type":"session"}\nx', {}, [("session", b""), ("session", b"x")]),
        (b'{}\n{"type":"event"}\na\n\n{"type":"event"}\nb', {}, [("event", b"a"), ("event", b"b")]),
        (b'{}\r\n{"type":"event"}\r\nabc', {}, [("event", b"abc")]),
        (b'{"new_key":[1]}\n{"type":"hologram","x":1}\nabc', {"new_key": [1]}, [("hologram", b"abc")]),
        (b'{"event_id":"%s"}\n' % ID.encode(), {"event_id": ID}, []),
        (b'{"trace":{"rate":NaN,"name":"\\ud83d"}}', {"trace": {"rate": None, "name": "?"}}, []),
    ],
)
def test_legal_bodies(body, headers, items):
    assert parsed(body) == (headers, items)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "The body is empty; an envelope has at least a header line."),
        (b"\n{}", "The envelope header is not JSON."),
        (b"\xff\xfe", "The envelope header is not JSON."),
        (b"[]", "The envelope header is not a JSON object."),
        (b"null\n", "The envelope header is not a JSON object."),
        (b"{}\n{", "The header of item 1 is not JSON."),
        (b'{}\n"event"\n', "The header of item 1 is not a JSON object."),
        (b'{}\n{"type":"event"}\n1\n{}\n2', "The header of item 2 has no type."),
        (b'{}\n{"type":7}\n1', "The header of item 1 has no type."),
        (b'{}\n{"type":""}\n1', "The header of item 1 has no type."),
        (b'{}\n{"type":"event","length":4}\nabc', "The header of item 1 promises 4 bytes, but only 3 follow."),
        (b'{}\n{"type":"event","length":1}', "The header of item 1 promises 1 bytes, but only 0 follow."),
        (
            b'{}\n{"type":"event","length":2}\nabc',
            "The header of item 1 promises 2 bytes, but no line ends after them.",
        ),
        (
            b'{}\n{"type":"event","length":2}\nab\r\n',
            "The header of item 1 promises 2 bytes, but no line ends after them.",
        ),
        *(
            (
                b'{}\n{"type":"event","length":%s}\nabc' % length,
                "The header of item 1 has a length that is not a whole number of bytes.",
            )
            for length in (b"-1", b"3.0", b'"3"', b"true", b"[3]")
        ),
    ],
)
def test_broken_grammar_is_refused_with_a_sentence(body, sentence):
    with pytest.raises(EnvelopeError) as refusal:
        survey(body, LIMITS)
    assert str(refusal.value) == sentence
    assert refusal.value.status == 400


@pytest.mark.parametrize(
    ("body", "part"),
    [
        (b"{" + b" " * 200 + b"}", "envelope header is longer than 200 bytes"),
        (b"x" * 10_000, "envelope header is longer than 200 bytes"),
        (b'{}\n{"type":"event","x":"' + b"x" * 200 + b'"}\nabc', "header of item 1 is longer than 200 bytes"),
        (b'{}\n{"type":"event"}\n' + b"x" * 51, "item of type event is larger than 50 bytes"),
        (b'{}\n{"type":"trace_metric"}\n' + b"x" * 801, "item of type trace_metric is larger than 800 bytes"),
        (b'{}\n{"type":"attachment"}\n' + b"x" * 101, "attachments are larger than 100 bytes"),
        (b"{}\n" + (b'{"type":"attachment"}\n' + b"x" * 51 + b"\n") * 2, "attachments are larger than 100 bytes"),
    ],
)
def test_parts_over_their_limit_are_refused_as_too_large(body, part):
    with pytest.raises(EnvelopeTooLargeError, match=part) as refusal:
        survey(body, LIMITS)
    assert refusal.value.status == 413


@pytest.mark.parametrize(
    "body",
    [
        b"{" + b" " * 198 + b"}",
        b'{}\n{"type":"event"}\n' + b"x" * 50,
        b'{}\n{"type":"attachment"}\n' + b"x" * 100,
        b'{}\n{"type":"replay_recording"}\n' + b"x" * 5_000,
        b'{}\n{"type":"hologram"}\n' + b"x" * 5_000,
    ],
)
def test_parts_at_their_limit_and_types_without_one_pass(body):
    assert survey(body, LIMITS)


def test_deeply_nested_header_is_refused_not_a_crash():
    deep = Limits(envelope_bytes=1 << 20, header_bytes=1 << 20, item_bytes=50, attachment_bytes=100)
    with pytest.raises(EnvelopeError, match="not JSON"):
        survey(b'{"a":' + b"[" * 200_000 + b"NaN", deep)


def test_a_header_too_deep_to_write_is_refused():
    deep: dict = {}
    for _ in range(300):
        deep = {"a": deep}
    with pytest.raises(EnvelopeError, match="nested too deeply"):
        build_envelope(deep, [])


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
headers = st.dictionaries(st.text(max_size=8), json_values, max_size=4)
items = st.builds(
    lambda name, extra, payload: Item(name, {**extra, "type": name, "length": len(payload)}, payload),
    st.text(min_size=1, max_size=12),
    headers,
    st.binary(max_size=200),
)
WIDE = Limits(envelope_bytes=1 << 20, header_bytes=1 << 20, item_bytes=1 << 20, attachment_bytes=1 << 20)


@given(headers, st.lists(items, max_size=4))
def test_what_is_built_is_parsed_back(envelope_headers, envelope_items):
    envelope = parse_envelope(build_envelope(envelope_headers, envelope_items), WIDE)
    assert envelope.headers == envelope_headers
    assert envelope.items == envelope_items


fragments = st.lists(
    st.sampled_from(
        [
            b"{}",
            b"\n",
            b"\r\n",
            b'{"type":"event"}',
            b'{"type":"attachment","length":3}',
            b"abc",
            b"[",
            b'{"a":NaN}',
            b" ",
        ]
    )
    | st.binary(max_size=6),
    max_size=12,
).map(b"".join)


@given(st.binary(max_size=300) | fragments)
@settings(max_examples=400)
def test_arbitrary_bytes_raise_nothing_but_envelope_errors_and_both_readers_agree(body):
    try:
        headers_seen, parts = survey(body, LIMITS)
    except EnvelopeError as error:
        with pytest.raises(type(error), match=r".") as again:
            parse_envelope(body, LIMITS)
        assert str(again.value) == str(error)
        return
    envelope = parse_envelope(body, LIMITS)
    assert envelope.headers == headers_seen
    assert [item.payload for item in envelope.items] == [body[part.start : part.end] for part in parts]
    assert all(part.start <= part.end <= len(body) for part in parts)


@pytest.mark.parametrize("item_type", ["log", "span", "trace_metric"])
def test_a_container_holds_more_than_one_item_may(item_type):
    body = b'{}\n{"type":"%s"}\n' % item_type.encode() + b"x" * 800
    assert survey(body, LIMITS).parts[0].type == item_type
