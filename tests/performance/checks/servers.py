"""Other sides for checks: one that takes connections and says nothing, a name server, certificates made here."""

import contextlib
import datetime as dt
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import dns.message
import dns.rrset
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@contextlib.contextmanager
def silent_server() -> Iterator[int]:
    """Yield the port of a server that takes every connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as server:
        taken: list[socket.socket] = []

        def take() -> None:
            with contextlib.suppress(OSError):
                while True:
                    taken.append(server.accept()[0])

        threading.Thread(target=take, daemon=True).start()
        yield server.getsockname()[1]
        for each in taken:
            each.close()


@contextlib.contextmanager
def dripping_server(head: bytes, drop: bytes) -> Iterator[int]:
    """Yield the port of a server that says `head` at once, and then `drop` each tenth of a second."""
    over = threading.Event()

    def drip(taken: socket.socket) -> None:
        with contextlib.suppress(OSError), taken:
            taken.sendall(head)
            while not over.wait(0.1):
                taken.sendall(drop)

    with socket.create_server(("127.0.0.1", 0)) as server:

        def take() -> None:
            with contextlib.suppress(OSError):
                while True:
                    threading.Thread(target=drip, args=(server.accept()[0],), daemon=True).start()

        threading.Thread(target=take, daemon=True).start()
        yield server.getsockname()[1]
        over.set()


@contextlib.contextmanager
def forwarding(path: str, *, port: int = 0) -> Iterator[int]:
    """Yield a TCP port that leads to the unix socket at `path`: our PostgreSQL servers listen there alone."""
    with socket.create_server(("127.0.0.1", port)) as server:

        def take() -> None:
            with contextlib.suppress(OSError):
                while True:
                    near, far = server.accept()[0], socket.socket(socket.AF_UNIX)
                    far.connect(path)
                    for one, other in ((near, far), (far, near)):
                        threading.Thread(target=_pump, args=(one, other), daemon=True).start()

        threading.Thread(target=take, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)  # else the thread in `accept` would take one more


def socket_of(database_url: str) -> str:
    """Return the path of the socket that a URL of `tests.backends.running_postgres` names."""
    folder = dict(pair.split("=", 1) for pair in urlsplit(database_url).query.split("&"))["host"]
    return f"{folder}/.s.PGSQL.5432"


def _pump(one: socket.socket, other: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := one.recv(65536):
            other.sendall(piece)
        other.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def name_server(records: dict[tuple[str, str], list[str]]) -> Iterator[int]:
    """Yield the port of a DNS server on UDP that knows {(name, type): answers}; other names do not exist."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))

        def answer() -> None:
            with contextlib.suppress(OSError):
                while True:
                    packet, whom = server.recvfrom(4096)
                    server.sendto(_answer(packet, records), whom)

        threading.Thread(target=answer, daemon=True).start()
        yield server.getsockname()[1]


def _answer(packet: bytes, records: dict[tuple[str, str], list[str]]) -> bytes:
    asked = dns.message.from_wire(packet)
    question = asked.question[0]
    name, kind = question.name.to_text().rstrip("."), dns.rdatatype.to_text(question.rdtype)
    reply = dns.message.make_response(asked)
    if (name, kind) in records:
        reply.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *records[(name, kind)]))
    elif not any(known == name for known, _ in records):
        reply.set_rcode(dns.rcode.NXDOMAIN)
    return reply.to_wire()


def certificate(folder: Path, *, days: float, name: str = "localhost") -> ssl.SSLContext:
    """Return a server's TLS context with a certificate of our own for `name` and 127.0.0.1 that ends in `days`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate_file(folder, days=days, name=name))
    return context


def certificate_file(folder: Path, *, days: float, name: str = "localhost") -> Path:
    """Write such a certificate and its key into one file and return it."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = dt.datetime.now(dt.UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    names = x509.SubjectAlternativeName([x509.DNSName(name), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=400))
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{name}-{days}.pem"
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return file
