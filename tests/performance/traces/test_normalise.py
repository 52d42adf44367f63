import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewatch.performance.traces.choices import Category
from tradewatch.performance.traces.normalise import (
    LONGEST,
    normal_description,
    normal_key,
    normal_path,
    normal_sql,
    normal_url,
    normal_words,
)


@pytest.mark.parametrize(
    "statement, normal",
    [
        ("SELECT * FROM orders WHERE id = 42", "SELECT * FROM orders WHERE id = ?"),
        ("SELECT * FROM orders WHERE id = %s AND state=%(state)s", "SELECT * FROM orders WHERE id = ? AND state=?"),
        (
            "SELECT * FROM orders WHERE id = $1 AND a = :name AND b = @p1 AND c = ?",
            "SELECT * FROM orders WHERE id = ? AND a = ? AND b = ? AND c = ?",
        ),
        ("select 'Jonas Okafor', E'a\\'b', 'it''s', N'x'", "select ?, ?, ?, ?"),
        ("SELECT 1.5, -2, .5, 1e-9, 0xFF", "SELECT ?, ?, ?, ?, ?"),
        ("SELECT a::text FROM t WHERE b >= 10", "SELECT a::text FROM t WHERE b >= ?"),
        ("SELECT price-1, qty + 2 FROM t WHERE a = -1", "SELECT price-?, qty + ? FROM t WHERE a = ?"),
        ("SELECT * FROM t WHERE id IN (1, 2, 3)", "SELECT * FROM t WHERE id IN (?)"),
        ("SELECT * FROM t WHERE id IN (%s)", "SELECT * FROM t WHERE id IN (?)"),
        ("SELECT * FROM t WHERE id IN ( ?,?,\n? )", "SELECT * FROM t WHERE id IN (?)"),
        ("SELECT * FROM t WHERE id = ANY(ARRAY[1,2,3])", "SELECT * FROM t WHERE id = ANY(ARRAY[?])"),
        ("SELECT * FROM t WHERE (a, b) IN ((1, 2), (3, 4))", "SELECT * FROM t WHERE (a, b) IN ((?))"),
        ("INSERT INTO fills (a, b) VALUES (1, 'x'), (2, 'y'), (3, 'z')", "INSERT INTO fills (a, b) VALUES (?)"),
        ("INSERT INTO fills (a, b) VALUES (%s, %s)", "INSERT INTO fills (a, b) VALUES (?)"),
        ("INSERT INTO fills VALUES (NULL, 1), (NULL, 2)", "INSERT INTO fills VALUES (NULL, ?)"),
        ('SELECT "orders"."id" FROM "orders"', 'SELECT "orders"."id" FROM "orders"'),
        ('SELECT * FROM t WHERE a = "jonas@desk.example"', "SELECT * FROM t WHERE a = ?"),
        ("SELECT `id` FROM `orders_2` WHERE x2 = 5", "SELECT `id` FROM `orders_2` WHERE x2 = ?"),
        ("SELECT * FROM orders_20261126 JOIN t_1a2b3c4d", "SELECT * FROM orders_? JOIN t_?"),
        ("SELECT 1 /* trace=4bf92f35 */ -- by jonas\nFROM t;", "SELECT ? FROM t"),
        ("SELECT 1 /* cut off", "SELECT ?"),
        ("SELECT 'cut off", "SELECT ?"),
        ("SELECT $$a 'b' c$$, $tag$x$tag$", "SELECT ?, ?"),
        ('SAVEPOINT "s139872_x3"', "SAVEPOINT ?"),
        ('RELEASE SAVEPOINT "s139872_x3"', "RELEASE SAVEPOINT ?"),
        ("rollback to savepoint sa_savepoint_4", "rollback to savepoint ?"),
        ('DECLARE "_django_curs_1401_sync_1" NO SCROLL CURSOR FOR SELECT 1', "DECLARE ? NO SCROLL CURSOR FOR SELECT ?"),
        ("SELECT  a,\n\t b\nFROM  t ", "SELECT a, b FROM t"),
        ('SELECT COUNT(*) AS "n" FROM t LIMIT 21 OFFSET 40', 'SELECT COUNT(*) AS "n" FROM t LIMIT ? OFFSET ?'),
        ("BEGIN", "BEGIN"),
        ("", ""),
    ],
)
def test_sql(statement, normal):
    assert normal_sql(statement) == normal


@pytest.mark.parametrize(
    "address, normal",
    [
        ("GET https://venue.example/v2/quotes/4711?depth=5#top", "GET https://venue.example/v2/quotes/{id}"),
        ("post https://Venue.Example:8443/orders", "POST https://venue.example:8443/orders"),
        ("GET http://127.0.0.1:43211/quotes", "GET http://127.0.0.1/quotes"),
        ("GET http://jonas:secret@venue.example/a", "GET http://venue.example/a"),
        ("GET /orders/550e8400-e29b-41d4-a716-446655440000/fills", "GET /orders/{id}/fills"),
        ("https://venue.example/orders/da39a3ee5e6b4b0d", "https://venue.example/orders/{id}"),
        ("GET /reports/2026-11-26/daily", "GET /reports/{id}/daily"),
        ("GET /orders/ord-4711/fills/A12345", "GET /orders/{id}/fills/{id}"),
        ("GET /users/jonas@desk.example", "GET /users/{id}"),
        ("GET /quotes/{symbol}", "GET /quotes/{id}"),
        ("GET /quotes/EURUSD", "GET /quotes/EURUSD"),
        ("GET /api/v2/orders", "GET /api/v2/orders"),
        ("GET https://venue.example", "GET https://venue.example"),
        ("GET", "GET"),
        ("/static/app-1a2b3c4d.js", "/static/app-{id}.js"),
        ("/files/4711.csv", "/files/{id}.csv"),
        ("//cdn.example/lib/jquery.min.js", "//cdn.example/lib/jquery.min.js"),
        ("GET http://[::1]:8000/a", "GET http://[::1]:8000/a"),
        ("GET https://venue.example/t/eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9", "GET https://venue.example/t/{id}"),
        ("data:text/plain;base64,SGVsbG8=", "data:"),
        ("connect to venue 7", "connect to venue *"),
    ],
)
def test_addresses(address, normal):
    assert normal_url(address) == normal


@pytest.mark.parametrize(
    "key, normal",
    [
        ("quote:EURUSD:4711", "quote:EURUSD:*"),
        ("user:550e8400-e29b-41d4-a716-446655440000:profile", "user:*:profile"),
        (":1:session.7f3a9c21e4b8d605", ":*:session.*"),
        ("orders/42/fills", "orders/*/fills"),
        ("a:1, a:2, b:3", "a:*, b:*"),
        ("['a:1', 'a:2']", "a:*"),
        ("GET 'user:4711'", "GET user:*"),
        ("SET 'quote:EURUSD:1' [Filtered]", "SET quote:EURUSD:*"),
        ("MGET 'a:1' 'a:2'", "MGET a:*"),
        ("HGETALL account:77", "HGETALL account:*"),
        ("EVALSHA da39a3ee 1 k", "EVALSHA"),
        ("CONFIG GET maxmemory", "CONFIG GET maxmemory"),
        ("PING", "PING"),
        ("redis.pipeline.execute", "redis.pipeline.execute"),
        ("", ""),
    ],
)
def test_cache_keys_and_redis_commands(key, normal):
    assert normal_key(key) == normal


@pytest.mark.parametrize(
    "text, normal",
    [
        ("app.risk.check_limits", "app.risk.check_limits"),
        ("settle batch 42 of 97", "settle batch * of *"),
        ("step2", "step2"),
        ("chat gpt-4o", "chat gpt-4o"),
        ("celery.accept_order", "celery.accept_order"),
        ("load 550e8400-e29b-41d4-a716-446655440000", "load *"),
        ("mail to jonas@desk.example", "mail to *"),
        ("retry 1 2 3", "retry *"),
        ("open https://venue.example/a/4711?x=1", "open https://venue.example/a/{id}"),
        ("/tmp/export/4711.csv", "/tmp/export/*.csv"),
    ],
)
def test_other_descriptions(text, normal):
    assert normal_words(text) == normal


def test_files():
    assert normal_path("/var/exports/2026-11-26/4711.csv") == "/var/exports/{id}/{id}.csv"


@pytest.mark.parametrize("category", list(Category))
def test_what_looks_like_a_secret_is_taken_out_whatever_the_category(category):
    assert "tr0ub4dor" not in normal_description(category, "fetch password=tr0ub4dor&x=1 from vault")


@given(st.sampled_from(list(Category)), st.text(max_size=300))
def test_the_normal_form_is_bounded_and_normal_itself(category, text):
    normal = normal_description(category, text)
    assert len(normal) <= LONGEST
    assert "\0" not in normal
    assert normal_description(category, normal) == normal


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=50), st.text(alphabet="abc'\\ ", max_size=20))
def test_statements_that_differ_in_literals_are_one(numbers, text):
    literal = "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
    listed = ", ".join(map(str, numbers))
    statement = f"SELECT * FROM orders WHERE id IN ({listed}) AND name = {literal} LIMIT {numbers[0]}"
    assert normal_sql(statement) == "SELECT * FROM orders WHERE id IN (?) AND name = ? LIMIT ?"


def test_a_long_description_costs_little():
    started = __import__("time").process_time()
    for text in (
        "(" * 5000,
        "'" * 5000,
        "a" * 5000,
        "1," * 2500,
        "/" * 5000,
        "VALUES (1)" + ", (1)" * 1000,
        "-" * 5000,
    ):
        for category in Category:
            normal_description(category, text)
    assert __import__("time").process_time() - started < 2.0
