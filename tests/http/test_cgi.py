# SPDX-License-Identifier: Apache-2.0
"""tiphys-fhir as a CGI program, without a web server (CGI-09)."""

import json
import subprocess

import pytest
from rawpool import FHIR, world

assert world                    # a fixture


def cgi(world, target, token=None, argv=(), body=b"", **more):
    env = {"GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET",
           "REQUEST_URI": target, "TIPHYS_CONFIG": world.conf, **more}
    if token:
        env["HTTP_AUTHORIZATION"] = "Bearer " + token
    p = subprocess.run([FHIR, *argv], env=env, input=body,
                       capture_output=True, timeout=10)
    head, _, text = p.stdout.partition(b"\r\n\r\n")
    return p.returncode, int(head.split()[1]), text


def test_cgi_one_request(world):
    rc, status, body = cgi(world, "/fhir/Patient/pa", world.token)
    assert (rc, status) == (0, 200) and json.loads(body)["id"] == "pa"
    rc, status, body = cgi(
        world, "/fhir/Observation/_search", world.token,
        body=b"patient=pa&_count=0and more", REQUEST_METHOD="POST",
        CONTENT_LENGTH="19",
        CONTENT_TYPE="application/x-www-form-urlencoded")
    assert (rc, status) == (0, 200) and json.loads(body)["total"] == 1


@pytest.mark.parametrize("argv", [["-h"], ["--config=x"], ["-c", "/x"],
                                  ["-s", "/tmp/x"], ["-V"]])
def test_cgi_09_arguments_are_ignored(world, argv):
    rc, status, body = cgi(world, "/fhir/Patient/pa", world.token, argv)
    assert (rc, status) == (0, 200) and json.loads(body)["id"] == "pa"


def test_cgi_short_body(world):
    rc, status, _ = cgi(world, "/fhir/Observation/_search", world.token,
                        body=b"abc", REQUEST_METHOD="POST",
                        CONTENT_LENGTH="10")
    assert (rc, status) == (0, 400)


def test_cgi_without_configuration(world):
    rc, status, body = cgi(world, "/fhir/metadata",
                           TIPHYS_CONFIG="/nonexistent")
    assert (rc, status) == (78, 503) and b"OperationOutcome" in body
