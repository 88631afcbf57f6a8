# SPDX-License-Identifier: Apache-2.0
"""tiphys load: what it refuses, each named by file, line and place."""

import gzip
import json
import os

import pytest
from conftest import bundle, lines, observation, patient

DEEP = '{"resourceType":"Patient","id":"d","x":' + "[" * 70 + "1" + \
    "]" * 70 + "}"
# line: a rule and words of the report
BAD = {
    "not json": ("json-syntax", "expected {"),
    "{": ("json-syntax", "ends before"),
    '{"resourceType":"Patient","id":"a"': ("json-syntax", "ends before"),
    '{"resourceType":"Patient","id":"a}': ("json-syntax", "not closed"),
    '{"resourceType":"Patient","id":"a"}}': ("json-syntax", "after the"),
    '{"resourceType":"Patient","id":"a"} {}': ("json-syntax", "after the"),
    "[]": ("json-syntax", "expected {"),
    "{}": ("json-empty", "empty object"),
    '"Patient"': ("json-syntax", "expected {"),
    '{"id":"a"}': ("resource-type", "resourceType"),
    '{"resourceType":"Patent","id":"a"}': ("resource-type", "Patient?"),
    '{"resourceType":7,"id":"a"}': ("resource-type", "string"),
    '{"resourceType":"Patient"}': ("resource-id", "needs an id"),
    '{"resourceType":"Patient","id":""}': ("json-empty", "empty string"),
    '{"resourceType":"Patient","id":"a b"}': ("resource-id", "1 to 64"),
    '{"resourceType":"Patient","id":"' + "a" * 65 + '"}':
        ("resource-id", "1 to 64"),
    '{"resourceType":"Patient","id":"../x"}': ("resource-id", "1 to 64"),
    '{"resourceType":"Patient","id":3}': ("resource-id", "1 to 64"),
    '{"resourceType":"Patient","id":"a","meta":1}': ("resource-meta", "meta"),
    '{"resourceType":"Patient","id":"a","id":"b"}':
        ("json-duplicate", "twice"),
    '{"resourceType":"Patient","id":"a","x":1e3}': ("json-number", "expon"),
    '{"resourceType":"Patient","id":"a","x":01}': ("json-number", "zeros"),
    '{"resourceType":"Patient","id":"a","x":null}': ("json-null", "null"),
    '{"resourceType":"Patient","id":"a","x":[]}': ("json-empty", "array"),
    '{"resourceType":"Patient","id":"a","x":"\\ud800"}':
        ("json-surrogate", "surrogate"),
    '{"resourceType":"Patient","id":"a","x":"\\u0000"}':
        ("json-control", "control"),
    '{"resourceType":"Patient","id":"a","x":"\t"}':
        ("json-control", "control"),
    DEEP: ("json-depth", "nested"),
}


@pytest.mark.parametrize("line", BAD, ids=range(len(BAD)))
def test_bad_line_is_named_and_spoils_no_other(tool, tmp_path, line):
    rule, words = BAD[line]
    path = tmp_path / "in.ndjson"
    path.write_text(lines(patient("before")) + line + "\n" +
                    lines(patient("behind")))
    p = tool("load", path, "--rejects", tmp_path / "rejects", status=1)
    assert p.stderr.startswith(f"tiphys: {path}:2: ")
    assert p.stderr.rstrip().endswith(f"({rule})")
    assert words in p.stderr
    assert tool.export("--ids") == ["before", "behind"]
    assert (tmp_path / "rejects").read_text() == line + "\n"
    p = tool("load", path, "--json", status=1)
    said, summary = map(json.loads, p.stdout.splitlines())
    assert said["reject"]["line"] == 2
    assert said["reject"]["file"] == str(path)
    assert said["reject"]["rule"] == rule
    assert summary["summary"]["rejected"] == 1


@pytest.mark.parametrize("line", list(BAD)[:4] + [DEEP], ids=range(5))
def test_bad_first_line(tool, tmp_path, line):
    path = tmp_path / "in.ndjson"
    path.write_text(line + "\n" + lines(patient("behind")))
    p = tool("load", path, status=1)
    assert p.stderr.startswith(f"tiphys: {path}:1: ")
    assert tool.export("--ids") == ["behind"]


def test_not_utf8(tool, tmp_path):
    path = tmp_path / "in.ndjson"
    path.write_bytes(b'{"resourceType":"Patient","id":"a","x":"\xff"}\n' +
                     lines(patient()).encode())
    p = tool("load", path, "--rejects", tmp_path / "r", status=1)
    assert ":1: column 41: " in p.stderr and "json-utf8" in p.stderr
    assert (tmp_path / "r").read_bytes().endswith(b'"\xff"}\n')


def test_entry_is_named(tool, tmp_path):
    good = patient("ok")
    path = tmp_path / "b.json"
    path.write_text(json.dumps(bundle(
        good, {"resourceType": "Patient"}, observation("o", x=None),
        {"resourceType": "Nope", "id": "x"}), indent=1))
    p = tool("load", path, "--rejects", tmp_path / "r", status=1)
    text = path.read_text().splitlines()
    for n, (at, word) in enumerate([
            ("Patient", "entry[1]: id: a resource needs an id"),
            ('"x": null', "entry[2]: column 10: null stands"),
            ("Nope", "entry[3]: resourceType: no such")]):
        said = p.stderr.splitlines()[n]
        line = int(said.split(":")[2])
        assert word in said
        assert any(at in t for t in text[line - 1:line + 1]), said
    assert tool.export("--ids") == ["ok"]
    rejected = (tmp_path / "r").read_text().splitlines()
    assert len(rejected) == 3
    assert json.loads(rejected[0]) == {"resourceType": "Patient"}


def test_mended_rejects_can_be_loaded(tool, tmp_path):
    path = tmp_path / "r.ndjson"
    tool("load", "-", "--rejects", path, status=1,
         input=json.dumps(bundle({"resourceType": "Patient"}, patient()),
                          indent=4))
    mended = path.read_text().replace("{", '{"id":"mended",', 1)
    path.write_text(mended)
    tool("load", path, status=0)
    assert tool.export("--ids") == ["p1", "mended"]


@pytest.mark.parametrize("spoil, word", [
    (lambda s: s[:-2], "ends before"),
    (lambda s: s.replace('}}, {', '}} {'), "expected , or ]"),
    (lambda s: s.replace('"entry":', '"entry" '), "expected :"),
    (lambda s: s.replace('}}]}', '}]}]}'), "bracket"),
    (lambda s: s.replace('"type"', '"entry": [], "type"'), "twice"),
])
def test_broken_bundle_is_refused_whole(tool, tmp_path, spoil, word):
    text = spoil(json.dumps(bundle(patient("a"), patient("b"))))
    p = tool("load", "-", "--rejects", tmp_path / "r", status=1,
             input=text + "\n" + lines(patient("c")))
    assert p.stderr.startswith("tiphys: standard input:1: ")
    assert tool.export("--ids") == ["c"]
    assert (tmp_path / "r").read_text() == text + "\n"


def test_entry_without_resource(tool):
    b = bundle(patient())
    b["entry"].insert(0, {"request": {"method": "DELETE",
                                      "url": "Patient/x"}})
    p = tool("load", "-", input=json.dumps(b), status=1)
    assert "entry[0]: resource: the entry has no resource" in p.stderr
    assert tool.export("--ids") == ["p1"]


def test_resource_above_the_limit(tool):
    with open(tool.conf, "a") as f:
        f.write("resource-bytes = 2000\n")
    p = tool("load", "-", status=1, input=lines(
        patient("big", x="y" * 2000), patient("small")))
    assert "resource-bytes" in p.stderr and "2000" in p.stderr
    assert tool.export("--ids") == ["small"]


def test_bundle_above_the_limit_of_a_resource(tool):
    """Limits are those of a resource, not of the Bundle around it."""
    with open(tool.conf, "a") as f:
        f.write("resource-bytes = 1024\njson-tokens = 1000\n")
    many = bundle(*(patient(f"p{i}") for i in range(1000)))
    tool("load", "-", input=json.dumps(many), status=0)
    assert len(tool.export("--ids")) == 1000


@pytest.mark.parametrize("zipped", [False, True])
def test_line_too_long_to_hold(tool, tmp_path, zipped):
    """A bomb of compressed blanks is passed over, not unpacked."""
    with open(tool.conf, "a") as f:
        f.write("resource-bytes = 1024\n")
    data = (lines(patient("a")) + '{"x":"' + "y" * 3000000 + '"}\n' +
            lines(patient("b"))).encode()
    path = tmp_path / "long"
    path.write_bytes(gzip.compress(data) if zipped else data)
    p = tool("load", path, status=1)
    assert p.stderr.startswith(f"tiphys: {path}:2: longer than 65536")
    assert tool.export("--ids") == ["a", "b"]


def test_pretty_value_too_long_to_hold(tool):
    with open(tool.conf, "a") as f:
        f.write("resource-bytes = 1024\n")
    big = json.dumps(patient("big", x=["y" * 100] * 2000), indent=1)
    p = tool("load", "-", status=1,
             input=big + json.dumps(patient("b"), indent=1))
    assert "standard input:1: longer than" in p.stderr
    assert tool.export("--ids") == ["b"]


def test_damaged_gzip(tool, tmp_path):
    data = gzip.compress("".join(
        lines(patient(f"p{i}")) for i in range(20000)).encode())
    for name, spoiled, word in (
            ("cut", data[:-100], "cut short"),
            ("flip", data[:2000] + b"\xff\xff\xff" + data[2003:],
             "damaged")):
        path = tmp_path / name
        path.write_bytes(spoiled)
        p = tool("load", path, "-", input=lines(patient(name)), status=74)
        assert str(path) in p.stderr and word in p.stderr
        assert p.stdout.endswith("; not all\n")
        # Neither what came before the damage nor the next file is lost.
        ids = tool.export("--ids")
        assert name in ids and (name == "flip" or len(ids) > 10000)
        assert tool.whole()


def test_file_that_may_not_be_read_stops_no_other(tool, tmp_path):
    if os.geteuid() == 0:
        pytest.skip("root may read it")
    (tmp_path / "a.json").write_text(json.dumps(patient("a")))
    os.chmod(tmp_path / "a.json", 0)
    p = tool("load", tmp_path / "a.json", "-", input=lines(patient("b")),
             status=66)
    assert "a.json: " in p.stderr
    assert tool.export("--ids") == ["b"]


def test_warning_is_counted_and_shown(tool):
    text = lines(patient(birthDate="last summer"))
    p = tool("load", "-", input=text, status=0)
    assert "1 warnings" in p.stdout and p.stderr == ""
    p = tool("load", "-v", "-", input=text, status=0)
    assert "standard input:1: warning: " in p.stderr
    assert "birthDate" in p.stderr
    assert "last summer" not in p.stderr, "the data is not repeated"


def test_names_of_what_is_not_there(tool, tmp_path):
    assert "/nowhere" in tool("load", "/nowhere", status=66).stderr
    (tmp_path / "e").mkdir()
    assert ".ndjson" in tool("load", tmp_path / "e", status=66).stderr
    assert "operand" in tool("load", status=64).stderr
    p = tool("load", "--json", "/nowhere", status=66)
    assert json.loads(p.stderr)["error"] == "ERR_NOTFOUND"


def test_rejects_cannot_be_an_input(tool, tmp_path):
    path = tmp_path / "in.ndjson"
    path.write_text(lines(patient()))
    p = tool("load", path, "--rejects", path, status=64)
    assert "to be loaded itself" in p.stderr
    assert path.read_text() == lines(patient())


def test_names_reach_no_terminal(tool, tmp_path):
    path = tmp_path / "a\x1b[31m\nb.ndjson"
    path.write_text("x\n")
    p = tool("load", path, status=1)
    assert "\x1b" not in p.stderr
    assert p.stderr.count("\n") == 1


def test_no_data_in_messages(tool):
    """Design 10.5: no patient data in error texts."""
    for secret in ('"name":[{"family":["Sesam"]}],"x":null',
                   '"Sesam":1e5', '"birthDate":"Sesam"'):
        p = tool("load", "-v", "-", input='{"resourceType":"Patient",'
                 '"id":"a",' + secret + "}")
        assert "Sesam" not in p.stderr + p.stdout
    assert os.path.exists(tool.conf)
