# SPDX-License-Identifier: Apache-2.0
"""Tokens that the server's own key signed, with other claims."""

import base64
import json

from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey)


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def read(token):
    """Header and claims."""
    return [json.loads(unb64(x)) for x in token.split(".")[:2]]


def forge(token, jwk, header=None, **claims):
    """The token with these claims (None takes one away), signed anew."""
    head, body = read(token)
    head.update(header or {})
    body.update(claims)
    body = {n: v for n, v in body.items() if v is not None}
    text = ".".join(b64(json.dumps(x).encode()) for x in (head, body))
    key = Ed25519PrivateKey.from_private_bytes(unb64(jwk["d"]))
    return text + "." + b64(key.sign(text.encode()))
