from django.db import models


class KeptFor(models.TextChoices):
    """Why a transaction is kept raw, the most telling first."""

    NEW = "new", "First of a new name or release"
    ERROR = "error", "An error happened in its trace"
    FAILED = "failed", "Failed"
    LINKED = "linked", "Another part of its trace is telling"
    SLOW = "slow", "Among the slowest of its name"
    SAMPLE = "sample", "Drawn by lot"


class Form(models.TextChoices):
    """How a client sent it."""

    TRANSACTION = "transaction", "Transaction with its spans"
    SEGMENT = "segment", "Streamed spans with their segment"
    SPANS = "spans", "Streamed spans whose segment came apart"


class Category(models.TextChoices):
    """What a span waits for. Operations are many and free; these are few and fixed."""

    DB = "db", "Database"
    HTTP = "http", "HTTP request"
    CACHE = "cache", "Cache"
    QUEUE = "queue", "Queue"
    TEMPLATE = "template", "Template"
    RPC = "rpc", "Remote call"
    FILE = "file", "File"
    AI = "ai", "Model call"
    BROWSER = "browser", "Browser"
    FUNCTION = "function", "Function"
    OTHER = "other", "Other"


class FindingKind(models.TextChoices):
    """What makes a transaction slow for a reason that can be named."""

    N_PLUS_ONE = "n_plus_one", "N+1"
    SLOW_QUERY = "slow_query", "Slow query"
    SLOW_HTTP = "slow_http", "Slow request"
    LARGE_ANSWER = "large_answer", "Large answer"
