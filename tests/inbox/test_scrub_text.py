# ruff: noqa: E501, SIM905 - word lists read best as words
import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewatch.inbox.scrub import scrub_text
from tradewatch.inbox.scrub.patterns import iban_length, is_card

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7\nhunter2\n-----END RSA PRIVATE KEY-----"
BASIC = base64.b64encode(b"bob:hunter2").decode()


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        ("password='hunter2', user='bob'", "password='[removed: password]', user='bob'"),
        ("User(password='it\\'s', id=7)", "User(password='[removed: password]', id=7)"),
        ("{'password': 'hunter2', 'qty': 5}", "{'password': '[removed: password]', 'qty': 5}"),
        ('{"apiKey":"abc", "px":1.5', '{"apiKey":"[removed: api key]", "px":1.5'),
        ("{'password': 'hunt", "{'password': '[removed: password]"),
        (r"{\"password\": \"a\\\"b\", \"qty\": 1}", r"{\"password\": \"[removed: password]\", \"qty\": 1}"),
        ("password=SecretStr('hunter2') qty=1", "password=[removed: password] qty=1"),
        ("credentials={'user': 'x', 'pin': ('1', 2)} qty=1", "credentials=[removed: credentials] qty=1"),
        ("login(password=hunter2,user=bob)", "login(password=[removed: password],user=bob)"),
        ("password=p,w;d qty=1", "password=[removed: password] qty=1"),
        ("ALTER USER x PASSWORD 'hunter2'", "ALTER USER x PASSWORD '[removed: password]'"),
        ("app --db-password hunter2 --port 80", "app --db-password [removed: password] --port 80"),
        ("app --token=hunter2 --port 80", "app --token=[removed: token] --port 80"),
        ("Authorization: Bearer abc123 sent", "Authorization: [removed: authorization] sent"),
        ("got Bearer abc.123-x from", "got Bearer [removed: token] from"),
        (f"got Basic {BASIC} from", "got Basic [removed: token] from"),
        ("(b'authorization', b'Bearer xyz9')", "(b'authorization', b'[removed: authorization]')"),
        ("[[b'x-api-key', b'abc'], [b'x-desk', b'7']]", "[[b'x-api-key', b'[removed: api key]'], [b'x-desk', b'7']]"),
        ("Cookie: a=b; c=d", "Cookie: a=[removed: cookie]; c=[removed: cookie]"),
        ("'set-cookie': 'sid=1; Path=/; Secure'", "'set-cookie': 'sid=[removed: cookie]; Path=/; Secure'"),
        ("https://h/p?token=abc&symbol=BTC", "https://h/p?token=[removed: token]&symbol=BTC"),
        ("symbol=BTC&user[password]=x+y&qty=1", "symbol=BTC&user[password]=[removed: password]&qty=1"),
        ("user%5Bpassword%5D=x&qty=1", "user%5Bpassword%5D=[removed: password]&qty=1"),
        ("d=%7B%22token%22%3A%22abc%22%7D", "d=%7B%22token%22%3A%22[removed: token]%22%7D"),
        ("pass%77ord=hunter2", "password=[removed: password]"),
        (r'{"\u0070assword": "x"', '{"password": "[removed: password]"'),
        ("&quot;token&quot;: &quot;abc&quot;", "&quot;token&quot;: &quot;[removed: token]&quot;"),
        ("postgres://u:p@h/db", "postgres://u:[removed: password]@h/db"),
        ("redis://:p/w#d@h:6379/0", "redis://:[removed: password]@h:6379/0"),
        ("https://u:p@ss@h/x?a=b@c", "https://u:[removed: password]@h/x?a=b@c"),
        ("https://pub:sec@o1.ingest.example/5", "https://pub:[removed: password]@o1.ingest.example/5"),
        (f"jwt {JWT} end", "jwt [removed: token] end"),
        (f"a {PEM} b", "a [removed: private key] b"),
        (PEM[:50], "[removed: private key]"),
        ("key AKIAIOSFODNN7EXAMPLE.", "key [removed: api key]."),
        ("sk_live_4eC39HqLyjWDarjtT1zdp7dc", "[removed: api key]"),
        ("ghp_16C7e42F292c6912E7710c838347Ae178B4a", "[removed: api key]"),
        ("xoxb-123456789012-abcdefABCDEF", "[removed: api key]"),
        ("card 4111 1111 1111 1111 declined", "card [removed: card number] declined"),
        ("card 4111-1111-1111-1111, 378282246310005", "card [removed: card number], [removed: card number]"),
        ("line\\n4111111111111111", "line\\n[removed: card number]"),
        ("to DE89 3704 0044 0532 0130 00 today", "to [removed: iban] today"),
        ("to GB82WEST12345698765432.", "to [removed: iban]."),
    ],
)
def test_only_the_secret_part_goes(text: str, scrubbed: str) -> None:
    assert scrub_text(text) == scrubbed
    assert scrub_text(scrubbed) == scrubbed


@pytest.mark.parametrize(
    "text",
    [
        "RiskLimitExceeded: symbol=BTC-USD qty=2.500 px=64123.50 account=acc-desk-07",
        "order_id=4111111111111111 clOrdId: 4111111111111111 exec_id='4111111111111111' order 4111111111111111",
        "ord-4111111111111111 filled at 1767605400123456789, 1767605400123",
        "ISIN US0378331005 DE0005557508, LEI 5493001KJTIIGC8Y1R12 HWUPKR0MPOU8FGXBT394",
        "ratio 0.4111111111111111 price 4111111111111111.25",
        "1234567890123456 4111111111111112",
        "Unexpected token: } in JSON at position 3",
        "session: LDN opened, trading_session=LDN, session_date=2026-01-05, auth: failed",
        "bearer authentication failed, basic validation failed, Basic auth required",
        "token_count=512 author=bob secretary: ann",
        "SELECT * FROM users WHERE token = %s AND password = ? AND secret = :secret",
        "password=None token=null cookie=",
        "[Errno 104] Connection reset by peer (lmax, session BOOK)",
        "https://oms.example:8080/api/v1/orders?symbol=BTC&side=buy",
        "at 10.1.2.3 from ::1",
        "trace 4bf92f3577b34da6a3ce929d0e0e4736 span de89370400440532",
        "",
    ],
)
def test_ordinary_words_and_trading_data_stay(text: str) -> None:
    assert scrub_text(text) == text


@pytest.mark.parametrize(
    ("digits", "expected"),
    [
        ("4111111111111111", True),
        ("5555555555554444", True),
        ("2223003122003222", True),
        ("378282246310005", True),
        ("30569309025904", True),
        ("6011111111111117", True),
        ("3530111333300000", True),
        ("4111111111111112", False),
        ("1767605400123", False),
        ("9111111111111111", False),
    ],
)
def test_card_numbers(digits: str, expected: bool) -> None:
    assert is_card(digits) is expected


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("DE89370400440532013000", 22),
        ("de89 3704 0044 0532 0130 00 paid", 27),
        ("NO9386011117947", 15),
        ("DE89370400440532013001", None),
        ("DE893704004405320130001", None),
        ("US0378331005", None),
        ("XX12345678901234567890", None),
    ],
)
def test_ibans(text: str, length: int | None) -> None:
    assert iban_length(text) == length


SECRETS = st.text("abcXYZ0189!$*+-._~^|@:/?#()[]{},; '\"\\äß", min_size=6, max_size=20).map(
    lambda tail: f"hunter2{tail}q"
)


@settings(deadline=None)
@given(SECRETS, st.integers(1, 3))
def test_quoted_secrets_go_whatever_they_contain_and_however_often_they_are_encoded(secret: str, times: int) -> None:
    text = f"seen { ({'password': secret, 'qty': 5})!r}"
    assert "hunter2" not in scrub_text(text)
    encoded = json.dumps({"note": "x", "password": secret})
    for _ in range(times):
        assert "hunter2" not in scrub_text(f"body was {encoded}")
        encoded = json.dumps(encoded)


@settings(deadline=None)
@given(st.text())
def test_any_text_is_scrubbed_once_and_for_all(text: str) -> None:
    scrubbed = scrub_text(text)
    assert scrub_text(scrubbed) == scrubbed


PIECES = st.sampled_from(
    "password token session Cookie: Bearer = : ' \" \\ & ; , ( ) [ ] { } AKIAIOSFODNN7EXAMPLE 4111111111111111 eyJ "
    "%22 %70 \\u0070 :// @ [removed: [Filtered] [removed:\x20token] -- \n DE89370400440532013000 -----BEGIN x1 %5D".split(
        " "
    )
)


@settings(deadline=None)
@given(st.lists(PIECES, max_size=14).map("".join))
def test_pieces_of_secrets_in_any_order_are_scrubbed_once_and_for_all(text: str) -> None:
    scrubbed = scrub_text(text)
    assert scrub_text(scrubbed) == scrubbed
