# SPDX-License-Identifier: Apache-2.0
"""tiphys load: what it takes."""

import gzip
import json
import os
import re
import shutil

import pytest
from conftest import (CORPUS, PATIENTS, ROOT, Tool, bare, bundle, lines,
                      observation, patient, samples)


def count():
    return sum(len(open(f).readlines()) for f in samples())


def test_folder_of_samples(tool):
    p = tool("load", PATIENTS, status=0)
    n = count()
    assert p.stdout == (f"{n} created, 0 updated, 0 unchanged, "
                        "0 rejected, 0 warnings\n")
    assert len(tool.export()) == n
    assert tool.whole()


def test_repeated_load_writes_nothing(tool):
    tool("load", PATIENTS, status=0)
    before = tool.export()
    p = tool("load", PATIENTS, status=0)
    assert p.stdout.startswith(f"0 created, 0 updated, {count()} unchanged")
    assert tool.export() == before


def test_json_summary(tool):
    p = tool("load", PATIENTS, "--json", status=0)
    assert json.loads(p.stdout) == {"summary": {
        "created": count(), "updated": 0, "unchanged": 0, "rejected": 0,
        "warnings": 0, "complete": True}}
    assert p.stderr == ""


FORMS = {
    "ndjson": lambda r: lines(*r),
    "one line": lambda r: json.dumps(bundle(*r)),
    "pretty bundle": lambda r: json.dumps(bundle(*r), indent=4),
    "crlf": lambda r: lines(*r).replace("\n", "\r\n"),
    "blank lines": lambda r: "\n\n" + lines(*r).replace("\n", "\n \n"),
    "pretty, one behind the other":
        lambda r: "".join(json.dumps(x, indent=2) + "\n" for x in r),
    "no line end": lambda r: lines(*r).rstrip("\n"),
    "bundles by line": lambda r: lines(*(bundle(x) for x in r)),
    "entry before type": lambda r: json.dumps(
        dict(reversed(bundle(*r).items())), indent=1),
}
KINDS = ["transaction", "batch", "collection", "searchset"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("zipped", [False, True])
def test_form(tool, tmp_path, form, zipped):
    some = [patient(), observation("o1", valueString="{[\"\\"),
            observation("o2", valueString="]}\u00e9\U0001f600")]
    data = FORMS[form](some).encode()
    # The name says nothing: what is in it counts.
    path = tmp_path / "some.txt"
    path.write_bytes(gzip.compress(data) if zipped else data)
    tool("load", path, status=0)
    assert sorted(tool.export("--ids")) == ["o1", "o2", "p1"]
    assert [json.loads(x)["valueString"] for x in
            tool.export("--type", "Observation")] == \
        [x["valueString"] for x in some[1:]]


@pytest.mark.parametrize("kind", KINDS)
def test_bundle_kind_is_unpacked(tool, kind):
    tool("load", "-", input=json.dumps(bundle(patient(), kind=kind)),
         status=0)
    assert tool.export("--ids") == ["p1"]


def test_document_is_a_resource(tool):
    b = dict(bundle(patient(), kind="document"), id="d1")
    tool("load", "-", input=json.dumps(b), status=0)
    assert tool.export("--type", "Bundle", "--ids") == ["d1"]


def test_bundles_option_keeps_them(tool):
    b = dict(bundle(patient(), kind="collection"), id="c1")
    tool("load", "--bundles", "-", input=json.dumps(b), status=0)
    assert tool.export("--ids") == ["c1"]


def test_empty_bundle_and_empty_file(tool, tmp_path):
    (tmp_path / "e.json").write_text("")
    tool("load", tmp_path / "e.json", "-", status=0,
         input='{"resourceType":"Bundle","type":"batch"}')
    assert tool.export() == []


def test_several_gzip_members(tool, tmp_path):
    path = tmp_path / "two.gz"
    path.write_bytes(gzip.compress(lines(patient("a")).encode()) +
                     gzip.compress(lines(patient("b")).encode()))
    tool("load", path, status=0)
    assert tool.export("--ids") == ["a", "b"]


def test_folder_is_walked_in_order_of_names(tool, tmp_path):
    d = tmp_path / "in"
    (d / "b").mkdir(parents=True)
    (d / "a.json").write_text(json.dumps(patient("p", gender="male")))
    (d / "b/c.ndjson.gz").write_bytes(gzip.compress(
        lines(patient("p", gender="female")).encode()))
    (d / "notes.txt").write_text("not to be read")
    os.symlink("/etc/passwd", d / "z.json")
    p = tool("load", d, status=0)
    assert p.stdout.startswith("1 created, 1 updated")
    assert json.loads(tool.export()[0])["gender"] == "female"


def test_reference_before_its_target(tool):
    """Order does not matter: the patient's view holds it all the same."""
    tool("load", "-", input=lines(observation("o1"), patient()), status=0)
    assert tool.export("--patient", "p1", "--ids") == ["o1", "p1"]
    assert tool.whole()


DIGITS = ["1.00", "0.10", "100", "-0.000", "1.0000000000000000000000001",
          "123456789012345678", "0.30000000000000004"]


def test_digits_survive(tool):
    """Bytes are the truth: Jansson would make 1.0 of 1.00."""
    text = "".join(json.dumps(observation(f"o{i}", valueQuantity={
        "value": "@"})).replace('"@"', d) + "\n"
        for i, d in enumerate(DIGITS))
    tool("load", "-", input=text, status=0)
    for d, line in zip(DIGITS, tool.export()):
        assert f'"value":{d}' in line


def test_white_space_and_escapes(tool):
    text = ('{ "resourceType" : "Patient" , "id":"p1",\n'
            ' "name": [ { "text" : "a\\u00e9 \\/ b\\n" } ] }')
    tool("load", "-", input=text, status=0)
    assert '"name":[{"text":"a\\u00e9 \\/ b\\n"}]' in tool.export()[0]


def test_batch_of_one(tool):
    tool("load", "--batch", "1", PATIENTS, status=0)
    assert tool.whole()


@pytest.mark.parametrize("n", ["0", "10001", "-1", "x"])
def test_batch_out_of_range(tool, n):
    assert "--batch" in tool("load", f"--batch={n}", PATIENTS,
                             status=64).stderr


def test_progress_is_a_line_per_thousand(tool):
    many = "".join(lines(patient(f"p{i}")) for i in range(2500))
    p = tool("load", "-", input=many, status=0)
    told = [x for x in p.stderr.splitlines() if "resources" in x]
    assert [x.split()[1] for x in told] == ["1000", "2000"]


def test_bar_on_a_terminal(tool, tmp_path):
    """Count, rate, bytes, time left and errors, on one line."""
    import pty
    import subprocess
    from conftest import TIPHYS
    path = tmp_path / "many.ndjson"
    with open(path, "w") as f:
        f.write("bad\n")
        for i in range(20000):
            f.write(lines(patient(f"p{i}", x="y" * 300)))
    ours, theirs = pty.openpty()
    p = subprocess.Popen([TIPHYS, "-c", tool.conf, "load", str(path)],
                         stdin=subprocess.DEVNULL, stderr=theirs,
                         stdout=subprocess.DEVNULL)
    os.close(theirs)
    got = b""
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:     # the other side is closed
            break
        if not part:
            break
        got += part
    os.close(ours)
    assert p.wait(60) == 1
    bars = got.decode().split("\r\x1b[K")
    assert len(bars) > 2
    assert re.fullmatch(r"\[#*\.*\] \d+ resources, \d+/s, \d+/\d+ MB, "
                        r"\d+:\d\d left, 1 errors", bars[-2])
    assert bars[-1] == ""


def test_export_loads_again(tool, make):
    tool("load", PATIENTS, status=0)
    first = tool.export()
    other = make("other")
    other("load", "-", input="\n".join(first), status=0)
    assert sorted(map(bare, other.export())) == sorted(map(bare, first))
    assert other.whole()


def test_memory_is_bounded(tool):
    """A pretty collection of 40 MB goes through 200 MB of address space
    and a file of lines of any size through less."""
    import resource
    one = json.dumps(observation("@", comments="x" * 4000))
    text = '{"resourceType":"Bundle","type":"collection","entry":[\n' + \
        ",\n".join('{"resource":%s}' % one.replace("@", f"o{i}")
                   for i in range(10000)) + "]}"
    conf = "map-bytes-max = 268435456\n"
    with open(tool.conf, "a") as f:
        f.write(conf)
    lim = (268435456 + 300 * 1000000,) * 2
    tool("load", "-", input=text, status=0,
         preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, lim))
    assert len(tool.export("--ids")) == 10000


@pytest.mark.skipif(not ROOT, reason="needs root")
def test_root_reads_what_the_owner_cannot(tmp_path):
    os.chmod(tmp_path, 0o755)
    os.chmod(tmp_path.parent, 0o755)
    os.chmod(tmp_path.parent.parent, 0o755)
    t = Tool(tmp_path / "d", "--user", "www-data", "--group", "www-data")
    secret = tmp_path / "secret"
    secret.mkdir(mode=0o700)
    for f in samples():
        shutil.copy(f, secret)
    (secret / "bad.ndjson").write_text("{}\n")
    os.chmod(secret, 0o700)
    p = t("load", "--rejects", secret / "rejects", secret, status=1)
    assert f"{count()} created" in p.stdout
    assert (secret / "rejects").read_text() == "{}\n"
    assert oct((secret / "rejects").stat().st_mode)[-3:] == "600"
    import pwd
    uid = pwd.getpwnam("www-data").pw_uid
    assert os.stat(t.dir + "/store/data.mdb").st_uid == uid
    assert t.whole()


@pytest.mark.skipif(not CORPUS, reason="no corpus")
def test_sample_files_of_the_population(tool):
    folder = CORPUS + "/populations/argonaut"
    p = tool("load", folder + "/infrastructure.ndjson", folder + "/sample",
             status=0)
    n = sum(len(json.load(open(os.path.join(folder, "sample", f)))["entry"])
            for f in os.listdir(folder + "/sample"))
    assert p.stdout.startswith(f"{n + 172} created")
    assert ", 0 rejected, 0 warnings" in p.stdout
    assert tool.whole()
    for f in os.listdir(folder + "/sample"):
        text = open(os.path.join(folder, "sample", f)).read()
        mine = tool.export("--patient", f[:-5])
        # What belongs to someone else (Organization ...) is not the
        # patient's own; the patient's is there whole.
        entries = json.loads(text)["entry"]
        assert len(mine) >= len(entries) * 9 // 10
