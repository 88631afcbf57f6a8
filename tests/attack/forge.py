# SPDX-License-Identifier: Apache-2.0
"""Tokens as an attacker, or a fault, would make them.

A recipe is {"from": token name, "header": {...}, "claims": {...}, "drop":
[...], "sign": how}.  It starts from a token that is good, and is signed
again: ours (the server's own key: only the change can be what is refused),
other (a stranger's key under our kid), none (alg none), keep (the old
signature), hmac-public, hmac-secret (HS256 with what an attacker knows).
"+60" and "-60" as a claim are seconds from now.
"""

import base64
import hashlib
import hmac
import json
import re
import time

from cryptography.hazmat.primitives.asymmetric.ed25519 import \
    Ed25519PrivateKey


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def moment(value):
    if isinstance(value, str) and re.fullmatch(r"[+-]\d+", value):
        return int(time.time()) + int(value)
    return value


def forge(site, recipe):
    """A token; recipe "from" names one of site.tokens."""
    old = site.tokens[recipe.get("from", "tA")]
    head, claims = (json.loads(unb64(p)) for p in old.split(".")[:2])
    head.update(recipe.get("header", {}))
    claims.update({k: moment(v)
                   for k, v in recipe.get("claims", {}).items()})
    for name in recipe.get("drop", ()):
        head.pop(name, None)
        claims.pop(name, None)
    how = recipe.get("sign", "ours")
    if how == "none":
        head["alg"] = recipe.get("header", {}).get("alg", "none")
    elif how.startswith("hmac"):
        head["alg"] = "HS256"
    text = b64(json.dumps(head).encode()) + "." + b64(
        recipe["payload"].encode() if "payload" in recipe else
        json.dumps(claims).encode())
    return text + "." + signature(site, how, text, old)


def signature(site, how, text, old):
    key = site.signing_key()
    if how == "none":
        return ""
    if how == "keep":
        return old.split(".")[2]
    if how == "ours":
        seed = unb64(key["d"])
    elif how == "other":
        seed = hashlib.sha256(b"a stranger's key").digest()
    elif how == "hmac-public":
        return b64(hmac.digest(unb64(key["x"]), text.encode(), "sha256"))
    elif how == "hmac-secret":
        return b64(hmac.digest(b"ssh-secret", text.encode(), "sha256"))
    else:
        raise ValueError(how)
    return b64(Ed25519PrivateKey.from_private_bytes(seed).sign(
        text.encode()))


# --- lists of Authorization values that a case may name as "@NAME" ----------

def every_character(site):
    """TOK-04: each position changed in turn."""
    token = site.tokens["tA"]
    for i, c in enumerate(token):
        yield "Bearer " + token[:i] + ("A" if c != "A" else "B") + \
            token[i + 1:]


def every_spelling(site):
    """TOK-28: the same token, written another way."""
    t = site.tokens["tA"]
    a, b, c = t.split(".")
    for odd in (t + "=", t + "==", " ".join(t), a + "=." + b + "." + c,
                t.replace(".", "%2E"), t.swapcase(), t.lower(), t.upper(),
                t + ".", "." + t, t + "." + c, a + ".." + c, a + "." + b,
                t + "x", '"' + t + '"', "<" + t + ">",
                t.replace(".", ". "), "%" + t, t + "%00", t + ";",
                t[:-1], t[:-2] + "==",
                # the last character holds bits that decode to nothing
                t[:-1] + chr(ord(t[-1]) + 1)):
        yield "Bearer " + odd


LISTS = {"@every-character": every_character,
         "@every-spelling": every_spelling}
