"""An nginx with the configuration that deploy/nginx.conf gives, with ports and a certificate of the test's own."""

import contextlib
import socket
import ssl
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.backends import free_port, wait_until
from tests.performance.checks.servers import certificate_file
from tests.servers import ROOT

AROUND = """
daemon off; error_log stderr; pid {folder}/nginx.pid; worker_processes 1;
events {{ worker_connections 512; }}
http {{ access_log off;
{temporary}
{site}
}}
"""
KINDS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


@dataclass(frozen=True)
class Proxy:
    https: int
    http: int
    certificate: Path

    @property
    def url(self) -> str:
        return f"https://localhost:{self.https}"

    def trusting(self) -> ssl.SSLContext:
        """Return what a client needs to believe its certificate."""
        return ssl.create_default_context(cafile=str(self.certificate))


@contextlib.contextmanager
def running_nginx(upstreams: Sequence[int], *, https: int | None = None) -> Iterator[Proxy]:
    """Yield an nginx that ends TLS in front of web processes at these ports."""
    with tempfile.TemporaryDirectory(prefix="tw-nginx-") as name:
        folder = Path(name)
        proxy = Proxy(https or free_port(), free_port(), certificate_file(folder, days=2))
        temporary = "\n".join(f"{kind}_temp_path {folder}/{kind};" for kind in KINDS)
        config = folder / "nginx.conf"
        config.write_text(AROUND.format(folder=folder, temporary=temporary, site=_site(proxy, upstreams)))
        process = subprocess.Popen(["/usr/sbin/nginx", "-e", "stderr", "-c", str(config), "-p", name])
        try:
            wait_until(lambda: socket.create_connection(("127.0.0.1", proxy.https), 1), what="nginx", seconds=20)
            yield proxy
        finally:
            process.terminate()
            process.wait(20)


def _site(proxy: Proxy, upstreams: Sequence[int]) -> str:
    """Return the file that we ship, with the names that a reader is told to change changed."""
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    shipped = [line for line in text.splitlines() if line.strip().startswith("server 127.0.0.1:")]
    ours = [f"server 127.0.0.1:{port} max_fails=1 fail_timeout=2s;" for port in upstreams]
    for old, new in zip(shipped, [*ours, *[""] * len(shipped)], strict=False):
        text = text.replace(old, new)
    changes = {
        "listen 80;": f"listen 127.0.0.1:{proxy.http};",
        "listen 443 ssl;": f"listen 127.0.0.1:{proxy.https} ssl;",
        "server_name watch.example;": "server_name localhost;",
        "https://$host$request_uri": f"https://$host:{proxy.https}$request_uri",
        "/etc/ssl/watch.example.pem": str(proxy.certificate),
        "/etc/ssl/watch.example.key": str(proxy.certificate),
    }
    for old, new in changes.items():
        assert old in text, f"deploy/nginx.conf has no {old!r} any more"
        text = text.replace(old, new)
    return text
