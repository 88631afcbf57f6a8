# SPDX-License-Identifier: Apache-2.0
"""FastCGI as bytes: what no web server would send to a worker."""

import socket
import struct

import wire

BEGIN, ABORT, END, PARAMS, STDIN, STDOUT, STDERR = range(1, 8)


def record(kind, content=b"", rid=1, version=1, pad=0):
    return struct.pack(">BBHHBB", version, kind, rid, len(content), pad,
                       0) + content + b"\0" * pad


def begin(rid=1, role=1, flags=0):
    return record(BEGIN, struct.pack(">HB5x", role, flags), rid)


def length(n):
    return bytes([n]) if n < 128 else struct.pack(">I", n | 1 << 31)


def pairs(items):
    out = b""
    for name, value in items:
        name = name.encode("latin-1")
        value = value.encode("latin-1")
        out += length(len(name)) + length(len(value)) + name + value
    return out


def stream(kind, content, rid=1):
    """Content in records, and the empty one that ends it."""
    out = b""
    for at in range(0, len(content), 65000):
        out += record(kind, content[at:at + 65000], rid)
    return out + record(kind, b"", rid)


def variables(method, uri, headers=(), body=None):
    """As a web server would make them."""
    env = [("GATEWAY_INTERFACE", "CGI/1.1"), ("REQUEST_METHOD", method),
           ("REQUEST_URI", uri)]
    if body is not None:
        env.append(("CONTENT_LENGTH", str(len(body))))
    for name, value in headers:
        key = name.upper().replace("-", "_")
        env.append((key if key == "CONTENT_TYPE" else "HTTP_" + key, value))
    return env


def plain(env, body=None):
    return begin() + stream(PARAMS, pairs(env)) + stream(STDIN, body or b"")


def exchange(path, data, timeout=10.0, half_close=False):
    """Send bytes, read all; the answer, or None when there was none."""
    raw = b""
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(timeout)
        s.connect(path)
        try:
            s.sendall(data)
            if half_close:
                s.shutdown(socket.SHUT_WR)
            while True:
                got = s.recv(65536)
                if not got:
                    break
                raw += got
        except (BrokenPipeError, ConnectionResetError):
            pass
    return answer(raw)


def answer(raw):
    """The STDOUT records of one request, as an HTTP answer."""
    out, at = b"", 0
    while at + 8 <= len(raw):
        _, kind, _, n, pad = struct.unpack(">BBHHB", raw[at:at + 7])
        if kind == STDOUT:
            out += raw[at + 8:at + 8 + n]
        at += 8 + n + pad
    return from_cgi(out)


def from_cgi(out):
    if not out.startswith(b"Status: "):
        return None
    return wire.Answer(b"HTTP/1.1 " + out[len(b"Status: "):], chunks=False)


def request(path, method, uri, headers=(), body=None, **kw):
    if isinstance(body, str):
        body = body.encode()
    return exchange(path, plain(variables(method, uri, headers, body), body),
                    **kw)
