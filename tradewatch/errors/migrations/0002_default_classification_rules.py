"""Rules that sort the errors of a usual trading application from the first event on. Staff edit them as they like."""

from django.db import migrations

# Positions leave room between the rules. What an exception is called tells most; where it came from tells the rest.
RULES = [
    # position, name, category, severity, {field: pattern}
    (10, "Out of memory", "system", "critical", {"exception_type": r"^(MemoryError|OutOfMemory\w*|HeapOutOfMemory)$"}),
    (11, "Disk or handles used up", "system", "critical", {
        "message": r"no space left on device|too many open files|cannot allocate memory"}),
    (20, "Kill switch", "risk", "critical", {"exception_type": r"KillSwitch|CircuitBreakerTripped"}),
    (30, "Order rejected or lost", "order_execution", "", {
        "exception_type": r"^(Order|Fill|Execution|Cancel|Amend)\w*|ClientOrderId|OrderRejected|OrderNotFound"}),
    (40, "Risk and margin limits", "risk", "", {
        "exception_type": r"Risk|Margin|Exposure|(Position|Credit|Notional|Leverage|Loss)Limit|Drawdown"}),
    (50, "Stale or broken market data", "market_data", "", {
        "exception_type": r"^Stale|Quote|MarketData|PriceFeed|Feed(Gap|Error|Stale)|SequenceGap|OrderBook|TickData|CrossedBook"}),
    (60, "Settlement and reconciliation", "settlement", "", {
        "exception_type": r"Settlement|Clearing|Reconcil|Nostro|CorporateAction|ConfirmationMismatch"}),
    (70, "Attacks and broken signatures", "security", "", {
        "exception_type": r"Suspicious|CSRF|Tamper|DisallowedHost|Injection|Invalid(Hmac)?Signature|SignatureMismatch|SecurityError|ReplayAttack"}),
    (80, "Not logged in or not allowed", "authentication", "", {
        "exception_type": r"PermissionDenied|NotAuthenticated|Auth(entication|orization)?(Error|Failed|Exception)|Unauthorized|Forbidden|AccessDenied"}),
    (81, "Bad tokens and credentials", "authentication", "", {
        "exception_type": r"InvalidToken|Token(Expired|Error)|ExpiredSignature|InvalidCredentials|LoginRequired|JWT\w*Error"}),
    (82, "401 and 403 answers", "authentication", "", {
        "message": r"\b(40[13]) ?:? ?(client error|unauthori[sz]ed|forbidden)|\b(status|http|code)\D{0,12}40[13]\b|invalid credentials"}),
    (90, "Database drivers", "database", "", {
        "module": r"^(psycopg2?|psycopg_pool|sqlalchemy|asyncpg|sqlite3|pymysql|MySQLdb|aiomysql|pymongo|redis|django\.db|oracledb|cx_Oracle|clickhouse\w*)\b"}),
    (91, "Database errors", "database", "", {
        "exception_type": r"^(Operational|Integrity|Programming|Data|Database|Interface|DBAPI|SQLAlchemy|Statement)Error$|Deadlock|LockNotAvailable|SerializationFailure"}),
    (92, "Violated constraints", "database", "", {
        "exception_type": r"(Unique|ForeignKey|NotNull|Check|Exclusion)Violation|DoesNotExist$|NoResultFound|MultipleResultsFound"}),
    (93, "Deadlocks and locks", "database", "", {
        "message": r"deadlock|could not serialize access|database is locked|too many connections|duplicate key value|violates [a-z-]+ constraint"}),
    (100, "Validation libraries", "validation", "", {"module": r"^(pydantic\w*|marshmallow|jsonschema|cerberus|voluptuous)\b"}),
    (101, "Validation errors", "validation", "", {
        "exception_type": r"Validation|InvalidArgument|SchemaError|JSONDecodeError|Parse(r)?Error|Unicode(De|En)codeError"}),
    (110, "Too slow", "performance", "", {
        "exception_type": r"^Slow|SlowQuery|TimeLimitExceeded|LatencyBudget|EventLoopBlocked|PerformanceError"}),
    (120, "Answers of other services", "external_api", "", {
        "exception_type": r"^HTTP(Status)?Error$|Api(Exception|Error|StatusError)|ClientResponseError|RateLimit|Bad ?Gateway|ServiceUnavailable|^(Venue|Broker|Exchange|Upstream)"}),
    (121, "5xx and 429 answers", "external_api", "", {
        "message": r"\b(429|50[0234]) ?:? ?(client|server|too many|bad gateway|service unavailable|gateway)"}),
    (130, "Timeouts and connections", "network", "", {
        "exception_type": r"Timeout|^Connection|Connect(ion)?(Error|Reset|Refused|Aborted)|BrokenPipe|NetworkError|gaierror|^SSL|ProtocolError|Disconnected|ProxyError|WebSocket"}),
    (131, "Network trouble in words", "network", "", {
        "message": r"connection (reset|refused|aborted|closed)|timed? ?out|name or service not known|ECONN(RESET|REFUSED)|ETIMEDOUT|network is unreachable|socket hang up"}),
    (140, "Rules of the business", "business_logic", "", {
        "exception_type": r"Business|Insufficient(Funds|Balance)|(Invalid|Illegal)(State|Transition)|PositionMismatch|Account(Closed|Blocked)|MarketClosed|Halted"}),
    (141, "Broken assumptions", "business_logic", "", {
        "exception_type": r"^(AssertionError|NotImplementedError|InvariantViolation|ZeroDivisionError)$|^Duplicate"}),
    (150, "Machine and runtime", "system", "", {
        "exception_type": r"^(RecursionError|SystemError|SystemExit|OSError|IOError|PermissionError|FileNotFoundError|ImportError|ModuleNotFoundError|ImproperlyConfigured)$|WorkerLost|Segmentation"}),
    (160, "Values that cannot be read", "validation", "", {
        "message": r"could not convert|invalid literal|field required|is not a valid"}),
    (200, "Code of risk", "risk", "", {"module": r"(^|\.)(risk|margin|exposure)\w*(\.|$)"}),
    (210, "Code of market data", "market_data", "", {"module": r"(^|\.)(market_?data|quotes?|feeds?|prices?|pricing)\w*(\.|$)"}),
    (220, "Code of settlement", "settlement", "", {"module": r"(^|\.)(settle|clearing|reconcil)\w*(\.|$)"}),
    (230, "Code of orders and venues", "order_execution", "", {
        "module": r"(^|\.)(orders?|order_\w+|oms|ems|execution|routing|venues?|fix)(\.|$)"}),
    (240, "Code of logins", "authentication", "", {"module": r"(^|\.)(auth|authentication|login|permissions|oauth\d?)(\.|$)"}),
    (250, "Code that calls other services", "external_api", "", {
        "module": r"(^|\.)(integrations?|gateways?|adapters?|httpx|requests|aiohttp|urllib3)(\.|$)"}),
    (300, "Requests for orders", "order_execution", "", {"transaction": r"/orders?\b"}),
]


def add_rules(apps, schema_editor):
    rule_model = apps.get_model("errors", "ClassificationRule")
    rule_model.objects.bulk_create(
        rule_model(position=position, name=name, category=category, severity=severity, **patterns)
        for position, name, category, severity, patterns in RULES
    )


def remove_rules(apps, schema_editor):
    """Takes back the rules that nobody has renamed."""
    names = [name for _, name, *_ in RULES]
    apps.get_model("errors", "ClassificationRule").objects.filter(project=None, name__in=names).delete()


class Migration(migrations.Migration):
    dependencies = [("errors", "0001_initial")]
    operations = [migrations.RunPython(add_rules, remove_rules)]
