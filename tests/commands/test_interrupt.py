"""Ctrl-C: what is done is kept and reported, and a second run goes on from there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.support.scripted import completion, whole_sentences

ROOT = Path(__file__).parent.parent.parent


class Handler(BaseHTTPRequestHandler):
    """Answers at once, except about a story that holds the word SLOW."""

    protocol_version = "HTTP/1.1"
    waiting = threading.Event()
    release = threading.Event()
    calls = 0

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        type(self).calls += 1
        user = body["messages"][1]["content"]
        if "SLOW" in user and not self.release.is_set():
            self.waiting.set()
            self.release.wait(30)
            self.close_connection = True
            return
        data = completion(whole_sentences(body["response_format"]["json_schema"]["name"], user)).content
        self.send_response(200)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


def test_ctrl_c_keeps_what_is_done_and_the_next_run_goes_on(tmp_path: Path) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for name, text in (("a.md", "A story began."), ("b.md", "A SLOW story began."), ("c.md", "A story ended.")):
        (tmp_path / name).write_text(text)
    url = f"http://127.0.0.1:{server.server_port}/v1"
    arguments = [
        sys.executable,
        "-m",
        "factcheck",
        "extract",
        "a.md",
        "b.md",
        "c.md",
        "--base-url",
        url,
        "--model",
        "m",
    ]
    arguments += ["--cache", "kept", "--format", "json"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)}
    process = subprocess.Popen(arguments, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert Handler.waiting.wait(30)
    while len(list((tmp_path / "kept").rglob("*.json"))) < 2:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate(timeout=30)
    report = json.loads(out)
    assert process.returncode == 4, errors
    assert b"Traceback" not in errors
    assert len(report["claims"]) == 2
    assert [p["code"] for p in report["problems"]] == ["interrupted"]
    Handler.release.set()
    before = Handler.calls
    done = subprocess.run(arguments, cwd=tmp_path, env=environment, capture_output=True, check=True)
    assert len(json.loads(done.stdout)["claims"]) == 3
    assert Handler.calls == before + 1
    server.shutdown()
    server.server_close()
