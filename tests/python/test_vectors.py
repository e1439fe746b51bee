"""The corpus through the Python package: every file, every answer bit for bit."""

from pathlib import Path

import pytest
import vectors
from python_face import PythonFace

FOLDER = Path(__file__).parents[1] / "vectors"
# Everything but the description: what isn't a sequence fails.
FILES = sorted(path for path in FOLDER.iterdir() if path.name != "README.md")

GOOD = """{
"name": "good", "about": "one call", "origin": "hand", "config": {}, "start_us": 0,
"steps": [
  {"op": "admit", "now_us": 0, "domain": "delivery", "as": "a", "expect": {"admitted": true, "load": 1}},
  {"op": "burst_status", "expect": {"status": {"baseline_load": 0.0}}},
  {"op": "release", "now_us": 5, "token": "$a.token", "times": 1, "every_us": 5, "expect": {}}
],
"digest": ""
}"""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_gives_what_it_says(path: Path) -> None:
    (sequence,) = vectors.sequences(path)
    assert path.name == f"{sequence.name}.json"
    finished = vectors.run(sequence, PythonFace)
    assert not finished.failures, "\n".join(finished.failures)
    assert finished.digest == sequence.digest, "the answers aren't those of the other languages"


def test_the_corpus_is_there() -> None:
    assert len(FILES) >= 60


def finished(text: str) -> vectors.Finished:
    return vectors.run(vectors.parse(text), PythonFace)


def test_the_good_one_passes() -> None:
    assert finished(GOOD).failures == []
    assert finished(GOOD).calls == 3


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"op": "admit"', '"op": "admitt"'),
        ('"domain": "delivery"', '"domain": "delivery", "class": "urgent"'),
        ('"domain": "delivery"', '"domain": "delivery", "pool": "delivery"'),
        ('"domain": "delivery"', '"domain": "delivery", "domain": "payment"'),
        ('"domain": "delivery"', '"domain": true'),
        ('"domain": "delivery", ', ""),
        ('"now_us": 0', '"now_us": -1'),
        ('"now_us": 0', '"now_us": 0.0'),
        ('"now_us": 0', '"now_us": 18446744073709551616'),
        ('"times": 1', '"times": 0'),
        ('"times": 1, ', ""),
        ('"load": 1', '"load": 1, "load": 1'),
        ('"expect": {}', '"expects": {}'),
        ('"expect": {}', '"expect": []'),
        ('"as": "a"', '"as": "a b"'),
        ('"origin": "hand"', '"origin": "guess"'),
        ('"origin": "hand"', '"origin": "paper"'),
        ('"start_us": 0,', ""),
        ('"config": {}', '"config": []'),
        ('"digest": ""', '"digest": "abc"'),
        ('"digest": ""', '"digest": "", "more": 1'),
        ('"digest": ""\n}', '"digest": ""\n'),
        ("0.0", "NaN"),
        # What can be read and can't be run.
        ('"config": {}', '"config": {"nonsense": 1}'),
        ("$a.token", "$b.token"),
        ("$a.token", "$a.tokens"),
        ("$a.token", "$a[0].token"),
        ("$a.token", "$a.admitted"),
        ('"start_us": 0', '"start_us": 9007199254740992'),
    ],
)
def test_a_damaged_file_fails(old: str, new: str) -> None:
    assert GOOD.count(old) == 1
    with pytest.raises(vectors.VectorError):
        finished(GOOD.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"load": 1', '"load": 2'),
        ('"load": 1', '"load": 1.0'),
        ('"load": 1', '"lode": 1'),
        ('"load": 1', '"load": null'),
        ("0.0", "0"),
        ("0.0", "-0.0"),
        ('"expect": {}', '"expect": {"error": "unknown_token"}'),
        ('"token": "$a.token"', '"token": 77'),
    ],
)
def test_a_wrong_expectation_fails(old: str, new: str) -> None:
    assert len(finished(GOOD.replace(old, new)).failures) == 1


def test_every_answer_goes_into_the_digest() -> None:
    other = finished(GOOD.replace('"config": {}', '"config": {"regulator": {"hard_limit": 1300}}'))
    assert not other.failures
    assert other.digest != finished(GOOD).digest


def test_the_canonical_bytes_of_every_kind() -> None:
    value = {
        "b": [None, True, False, 0, -12, 18446744073709551615],
        "a": {"é": 1.0, "": -0.0, "z": 0.1, "e": 1e3},
        "": "n;",
    }
    assert vectors.canonical(value).decode() == (
        "{s0:s2:n;s1:a{s0:f8000000000000000s1:ef408f400000000000s1:zf3fb999999999999a"
        "s2:éf3ff0000000000000}s1:b[ntFi0;i-12;i18446744073709551615;]}"
    )
