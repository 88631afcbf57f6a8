# SPDX-License-Identifier: Apache-2.0
"""HTTP as bytes: attack cases need requests no library would send."""

import json
import socket


class Answer:
    """One answer; repeated header fields are joined with a comma."""

    def __init__(self, raw, chunks=True):
        head, _, body = raw.partition(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        self.raw = raw
        self.head = head.decode("latin-1")
        first = lines[0].split(b" ", 2)
        self.status = int(first[1]) if len(first) > 1 else 0
        self.headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(b":")
            key = name.decode("latin-1").strip().lower()
            text = value.decode("latin-1").strip()
            if key in self.headers:
                text = self.headers[key] + ", " + text
            self.headers[key] = text
        if chunks and self.headers.get("transfer-encoding",
                                       "").lower() == "chunked":
            body = unchunk(body)
        self.body = body

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.body[:200]!r}>"


def unchunk(body):
    out = b""
    while body:
        size, _, rest = body.partition(b"\r\n")
        n = int(size.split(b";")[0] or b"0", 16)
        if n == 0:
            break
        out += rest[:n]
        body = rest[n + 2:]
    return out


def exchange(port, data, timeout=10.0, half_close=False):
    """Send bytes, read to the end; None when the peer closed at once."""
    with socket.create_connection(("127.0.0.1", port), timeout) as s:
        s.settimeout(timeout)
        try:
            s.sendall(data)
            if half_close:
                s.shutdown(socket.SHUT_WR)
        except (BrokenPipeError, ConnectionResetError):
            pass                    # refused early: the answer may be there
        raw = []
        while True:
            try:
                got = s.recv(65536)
            except ConnectionResetError:
                break
            if not got:
                break
            raw.append(got)
    raw = b"".join(raw)
    return Answer(raw) if raw.startswith(b"HTTP/") else None


def build(port, method, target, headers=(), body=None):
    """The bytes: headers go as they are; Host, Connection, length added."""
    names = {n.lower() for n, _ in headers}
    lines = [f"{method} {target} HTTP/1.1"]
    if "host" not in names:
        lines.append(f"Host: 127.0.0.1:{port}")
    lines.append("Connection: close")
    if isinstance(body, str):
        body = body.encode()
    if body is not None and not names & {"content-length",
                                         "transfer-encoding"}:
        lines.append(f"Content-Length: {len(body)}")
    lines += [f"{n}: {v}" for n, v in headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + (body or b"")


def request(port, method, target, headers=(), body=None, **kw):
    return exchange(port, build(port, method, target, headers, body), **kw)
