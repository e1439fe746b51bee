"""A service whose pools Prometheus watches: heijunka and Python's own library, nothing more.

    python metrics_server.py [PORT]        (8000; 0: any that is free, printed on the first line)

`GET /work?domain=payment` is leveled work; `GET /metrics` is what Prometheus scrapes:

    scrape_configs:
      - job_name: heijunka
        scrape_interval: 15s
        static_configs: [{targets: ["localhost:8000"]}]

`heijunka alerts` prints the rules for it, `heijunka dashboard` a dashboard for Grafana.
"""

from __future__ import annotations

import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import heijunka

CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"

engine = heijunka.Engine(now_us=time.monotonic_ns() // 1000)


def now_us() -> int:
    """The engine's time."""
    return time.monotonic_ns() // 1000


def keep_time() -> None:
    """Runs the engine's timers when they are due, and obeys its effects."""
    while True:
        for effect in engine.step(now_us()):
            if effect.kind == "AlertFiring" and effect.alert is not None:
                rule = engine.config["alerts"][effect.alert]["name"]
                print(f"{rule} {effect.pool or ''}: {effect.value} {' '.join(effect.options)}", flush=True)
            # Workers are only counted here; a real service starts and stops them (AddWorkers, RemoveWorkers).
        due_us = engine.next_deadline()
        time.sleep(1.0 if due_us is None else min(1.0, max(0.0, (due_us - now_us()) / 1e6)))


class Handler(BaseHTTPRequestHandler):
    """The service."""

    def do_GET(self) -> None:
        """Answers a request."""
        url = urlsplit(self.path)
        if url.path == "/metrics":
            engine.step(now_us())
            self.answer(200, engine.metrics_text(), CONTENT_TYPE)
        elif url.path == "/work":
            self.work(parse_qs(url.query).get("domain", ["payment"])[0])
        else:
            self.answer(404, "there are /work and /metrics\n")

    def work(self, domain: str) -> None:
        """Work that takes 20 ms, or a refusal that says when to come again."""
        try:
            ticket = engine.dispatch(now_us(), domain, self.client_address[0])
        except heijunka.UnknownDomain as error:
            self.answer(404, f"{error}\n")
            return
        if ticket.worker is None or ticket.ticket is None:
            self.answer(503, f"{ticket.reason}\n", retry_after_us=ticket.retry_after_us)
            return
        try:
            time.sleep(0.02)
        finally:
            engine.complete(now_us(), ticket.ticket)
        self.answer(200, f"done by worker {ticket.worker} of {ticket.pool}\n")

    def answer(
        self, status: int, text: str, kind: str = "text/plain; charset=utf-8", retry_after_us: int = 0
    ) -> None:
        """Sends a response."""
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if retry_after_us:
            self.send_header("Retry-After", str(-(-retry_after_us // 1_000_000)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


def main() -> None:
    """Serves until it is stopped."""
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8000
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    print(f"http://127.0.0.1:{server.server_address[1]}/metrics", flush=True)
    threading.Thread(target=keep_time, daemon=True).start()
    server.serve_forever()


if __name__ == "__main__":
    main()
