"""Finds in Python source whatever can open a connection to somewhere, or start a program that can.

Names are followed through `import x as y`, `from x import y as z` and plain assignments of a name; what is only named
as a type is no use. What comes by a string (`import_module("requests")`) counts as a use too.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

# Whole libraries that are there to connect: each name in them is a use, and so is importing them.
_LIBRARIES = (
    "requests urllib3 aiohttp httpcore websockets websocket paramiko asyncssh pycurl grpc boto3 botocore imaplib "
    "poplib ftplib telnetlib nntplib xmlrpc.client apprise dns.query dns.asyncquery ldap3 pymysql asyncpg aiosmtplib "
    "httplib2 treq pexpect fabric dulwich git pygit2 trio anyio curl_cffi niquests socks weasyprint"
)
LIBRARIES = frozenset(_LIBRARIES.split())
# Libraries of which these names connect; the others (errors, types, readers) do not.
NAMES = {
    "httpx": "Client AsyncClient HTTPTransport AsyncHTTPTransport get post put patch delete head options "
    "request stream",
    "socket": "socket SocketType create_connection fromfd getaddrinfo gethostbyname gethostbyname_ex gethostbyaddr "
    "getfqdn getnameinfo",
    "_socket": "socket",
    "asyncio": "open_connection open_unix_connection create_subprocess_exec create_subprocess_shell",
    "subprocess": "run Popen call check_call check_output getoutput getstatusoutput",
    "os": "system popen execv execve execvp execvpe execl execle execlp execlpe spawnl spawnle spawnlp spawnv spawnve "
    "spawnvp posix_spawn posix_spawnp fork forkpty",
    "pty": "spawn fork",
    "urllib.request": "urlopen urlretrieve build_opener OpenerDirector URLopener FancyURLopener HTTPHandler "
    "HTTPSHandler ProxyHandler",
    "http.client": "HTTPConnection HTTPSConnection",
    "smtplib": "SMTP SMTP_SSL LMTP",
    "ssl": "get_server_certificate",
    "logging.handlers": "SocketHandler DatagramHandler SysLogHandler SMTPHandler HTTPHandler",
    "multiprocessing.connection": "Client",
    "psycopg": "connect Connection AsyncConnection",
    "psycopg_pool": "ConnectionPool AsyncConnectionPool",
    "redis": "Redis StrictRedis from_url ConnectionPool BlockingConnectionPool Sentinel RedisCluster Connection",
    "redis.asyncio": "Redis StrictRedis from_url ConnectionPool BlockingConnectionPool Sentinel RedisCluster",
    "dns.resolver": "Resolver resolve resolve_name resolve_address query zone_for_name",
    "dns.asyncresolver": "Resolver resolve resolve_name resolve_address zone_for_name",
    "django.core.mail": "send_mail send_mass_mail mail_admins mail_managers get_connection EmailMessage "
    "EmailMultiAlternatives",
    "sentry_sdk": "init Client HttpTransport",
    "sentry_sdk.transport": "HttpTransport Http2Transport",
    "pandas": "read_csv read_json read_html read_excel read_xml read_parquet",
    "tradewatch.core.net": "Reach",  # who makes an exception for a private address
}
# Methods that connect whatever they are called on: an event loop's, a document's that fetches pictures.
_METHODS = (
    "create_connection create_datagram_endpoint create_unix_connection sock_connect subprocess_exec subprocess_shell "
    "write_html start_tls_connection"
)
METHODS = frozenset(_METHODS.split())
# Keywords by which a caller of the guard could put something in its place.
GUARDS = frozenset(
    f"tradewatch.core.{name}"
    for name in (
        "net.guarded_client",
        "net.GuardedTransport",
        "net_async.AsyncGuardedTransport",
        "net_async.guarded_connection",
        "net_async.guarded_addresses",
    )
)
UNDERMINING = frozenset(("inner", "resolve", "lookup", "mounts", "proxy", "transport", "trust_env"))
_BY_STRING = frozenset(("importlib.import_module", "__import__", "django.utils.module_loading.import_string"))


@dataclass(frozen=True, slots=True, order=True)
class Opening:
    """`name` is used in `place` (the function or class, dotted; empty: the module itself) of `path`."""

    path: str
    place: str
    name: str
    line: int = field(compare=False, default=0)


def openings_in(source: str, path: str = "") -> list[Opening]:
    """Return every use, each once a place."""
    finder = _Finder(path)
    finder.visit(ast.parse(source))
    return sorted(set(finder.found))


def openings_under(root: Path, packages: tuple[str, ...]) -> list[Opening]:
    paths = (path for package in packages for path in sorted((root / package).rglob("*.py")))
    return [opening for path in paths for opening in openings_in(path.read_text(), path.relative_to(root).as_posix())]


def connects(name: str) -> bool:
    """Return whether the dotted `name` is one that opens a connection."""
    if any(name == library or name.startswith(f"{library}.") for library in LIBRARIES):
        return True
    return any(
        name == f"{module}.{each}" or name.startswith(f"{module}.{each}.")
        for module, names in NAMES.items()
        if name.startswith(f"{module}.")
        for each in names.split()
    )


class _Finder(ast.NodeVisitor):
    def __init__(self, path: str) -> None:
        self._path = path
        self._places: list[str] = []
        self._known: dict[str, str] = {"__import__": "__import__"}
        self.found: list[Opening] = []

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._known[alias.asname or alias.name.partition(".")[0]] = (
                alias.name if alias.asname else alias.name.partition(".")[0]
            )
            if alias.name in LIBRARIES:
                self._note(alias.name, node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            name = f"{'.' * node.level}{node.module or ''}.{alias.name}"
            self._known[alias.asname or alias.name] = name
            if alias.name == "*":
                self._note_if(any(key == node.module for key in (*NAMES, *LIBRARIES)), name, node)
            elif connects(name) and (name in LIBRARIES or (node.module or "") in LIBRARIES):
                self._note(name, node)

    def visit_Assign(self, node: ast.Assign) -> None:
        """`get = httpx.get` is a use already; `h = httpx` makes another name for it."""
        name = self._name_of(node.value)
        for target in node.targets:
            if isinstance(target, ast.Name) and name:
                self._known[target.id] = name
        self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        name = self._known.get(node.id, "")
        self._note_if(connects(name), name, node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        name = self._name_of(node)
        if name and connects(name):
            self._note(name, node)
            return
        self._note_if(node.attr in METHODS, f".{node.attr}", node)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        name = self._name_of(node.func)
        if name in GUARDS:
            for keyword in node.keywords:
                self._note_if(keyword.arg in UNDERMINING, f"{name}({keyword.arg}=)", node)
        first = node.args[0] if node.args else None
        if name in _BY_STRING:
            text = first.value if isinstance(first, ast.Constant) else ""
            self._note_if(_by_string(str(text)), f"{name}({text})", node)
        if name == "getattr" or (isinstance(node.func, ast.Name) and node.func.id == "getattr"):
            self._getattr(node)
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_arg(self, node: ast.arg) -> None:
        """What an argument is annotated with is no use."""

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for part in (*node.decorator_list, node.args):
            self.visit(part)
        self._within(node.name, node.body)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self.visit_FunctionDef(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for part in (*node.decorator_list, *node.bases, *node.keywords):
            self.visit(part)
        self._within(node.name, node.body)

    def _within(self, place: str, body: list[ast.stmt]) -> None:
        self._places.append(place)
        for statement in body:
            self.visit(statement)
        self._places.pop()

    def _name_of(self, node: ast.AST) -> str:
        parts = list(_parts(node))
        if not parts:
            return ""
        return ".".join([self._known.get(parts[0], ""), *parts[1:]]) if parts[0] in self._known else ""

    def _getattr(self, node: ast.Call) -> None:
        if len(node.args) < 2:
            return
        base, attribute = self._name_of(node.args[0]), node.args[1]
        if not isinstance(attribute, ast.Constant):  # which one it takes is not to be seen
            self._note_if(base in NAMES or base in LIBRARIES, f"getattr({base}, ?)", node)
            return
        name = f"{base}.{attribute.value}"
        self._note_if(bool(base) and connects(name), name, node)

    def _note_if(self, is_one: bool, name: str, node: ast.AST) -> None:
        if is_one:
            self._note(name, node)

    def _note(self, name: str, node: ast.AST) -> None:
        self.found.append(Opening(self._path, ".".join(self._places), name, getattr(node, "lineno", 0)))


def _parts(node: ast.AST) -> Iterator[str]:
    """The words of `a.b.c`; nothing for anything else."""
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.Attribute):
        before = list(_parts(node.value))
        if before:
            yield from (*before, node.attr)


def _by_string(name: str) -> bool:
    return not name or name in NAMES or connects(name) or name in LIBRARIES
