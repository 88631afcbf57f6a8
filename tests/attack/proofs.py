# SPDX-License-Identifier: Apache-2.0
"""Client assertions and DPoP proofs, good ones and an attacker's.

A recipe is {"alg", "kid", "header": {...}, "claims": {...}, "drop": [...],
"sign": how, "signature": TEXT, "payload": TEXT, "mangle": [FROM, TO]}.  sign:
ours; other (a stranger's key under the same name); none; hmac-public and
hmac-jwks (HS256 with what is public as the secret); zero (r = s = 0);
length:N (so many bytes of nonsense); es256 (P-256 under another name).
"+60" as a claim is seconds from now.
"""

import functools
import hashlib
import hmac
import json
import secrets
import time

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature)

from forge import b64, moment

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
CURVES = {"ES256": (ec.SECP256R1, hashes.SHA256, 32, "P-256"),
          "ES384": (ec.SECP384R1, hashes.SHA384, 48, "P-384")}


@functools.lru_cache(None)
def key(alg, who="ours"):
    """One key each for a whole run; who tells ours from a stranger's."""
    if alg in CURVES:
        return ec.generate_private_key(CURVES[alg][0]())
    return rsa.generate_private_key(65537, 2048)


def number(n, size=None):
    return b64(n.to_bytes(size or (n.bit_length() + 7) // 8, "big"))


def public(alg, who="ours"):
    """As a JWK, without kid."""
    n = key(alg, who).public_key().public_numbers()
    if alg in CURVES:
        size = CURVES[alg][2]
        return {"kty": "EC", "crv": CURVES[alg][3], "x": number(n.x, size),
                "y": number(n.y, size)}
    return {"kty": "RSA", "n": number(n.n), "e": number(n.e)}


def jwks():
    return {"keys": [dict(public(alg), kid=alg, alg=alg, use="sig")
                     for alg in ("RS384", "ES384")]}


def sign(alg, who, text):
    if alg in CURVES:
        _, digest, size, _ = CURVES[alg]
        r, s = decode_dss_signature(key(alg, who).sign(
            text, ec.ECDSA(digest())))
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")
    return key(alg, who).sign(text, padding.PKCS1v15(), hashes.SHA384())


def signature(how, alg, text):
    if how in ("ours", "other"):
        return sign(alg, how, text)
    if how == "es256":
        return sign("ES256", "ours", text)
    if how == "none":
        return b""
    if how == "zero":
        return bytes(96)
    if how.startswith("length:"):
        return b"\x5a" * int(how[7:])
    secret = json.dumps(jwks()).encode() if how == "hmac-jwks" else \
        key(alg).public_key().public_bytes(
            serialization.Encoding.PEM,
            serialization.PublicFormat.SubjectPublicKeyInfo)
    return hmac.digest(secret, text, "sha256")


def jwt(recipe, head, claims):
    head = dict(head, **recipe.get("header", {}))
    claims = dict(claims, **{n: moment(v) for n, v in
                             recipe.get("claims", {}).items()})
    for name in recipe.get("drop", ()):
        head.pop(name, None)
        claims.pop(name, None)
    body = recipe.get("payload", json.dumps(claims))
    text = b64(json.dumps(head).encode()) + "." + b64(body.encode())
    out = text + "." + b64(signature(
        recipe.get("sign", "ours"), recipe.get("alg", "ES384"),
        text.encode()))
    if "mangle" in recipe:
        out = out.replace(*recipe["mangle"], 1)
    return out + recipe.get("more", "")


def assertion(site, recipe, client="back"):
    """As RFC 7523 and SMART want it, but for what the recipe says."""
    now, alg = int(time.time()), recipe.get("alg", "ES384")
    return jwt(recipe, {"alg": alg, "typ": "JWT", "kid": alg}, {
        "iss": client, "sub": client, "aud": site.issuer + "/token",
        "jti": secrets.token_urlsafe(12), "iat": now, "exp": now + 240})


def proof(recipe, method, url, token=None):
    """RFC 9449 4.2; recipe "who": whose key."""
    who = recipe.get("who", "ours")
    claims = {"jti": secrets.token_urlsafe(12), "htm": method, "htu": url,
              "iat": int(time.time())}
    if token:
        claims["ath"] = b64(hashlib.sha256(token.encode()).digest())
    recipe = dict({"alg": "ES256", "sign": who}, **recipe)
    return jwt(recipe, {"typ": "dpop+jwt", "alg": "ES256",
                        "jwk": public("ES256", who)}, claims)
