"""Configurations from Python: dicts, JSON, TOML, files; every problem at once."""

from __future__ import annotations

import json
import math
import pickle
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import heijunka
import pytest
from heijunka import ConfigError, Engine

SMALL = {"regulator": {"soft_limit": 5, "hard_limit": 10}, "pools": {"p": {"max_workers": 3}}}
TOML = "[regulator]\nsoft_limit = 5\nhard_limit = 10\n[pools.p]\nmax_workers = 3\n"


def test_every_form_gives_the_same(tmp_path: Path) -> None:
    expected = Engine(SMALL).config
    text = json.dumps(SMALL)
    (tmp_path / "a.json").write_text(text)
    (tmp_path / "a.toml").write_text(TOML)
    (tmp_path / "with-mark.JSON").write_text(text, encoding="utf-8-sig")
    (tmp_path / "json.conf").write_text("\n  " + text)
    (tmp_path / "toml.conf").write_text(TOML)
    forms: list[Any] = [
        text,
        TOML,
        f"\n{text}",
        OrderedDict(SMALL),
        MappingProxyType(SMALL),
        expected,
        *tmp_path.iterdir(),
    ]
    assert len(forms) == 11
    for form in forms:
        assert Engine(form).config == expected, form
    assert expected["pools"]["p"]["initial_workers"] == 3


def test_nothing_set_is_the_default() -> None:
    default = Engine().config
    nothings: list[Any] = [None, {}, "", "{}", " \n"]
    for nothing in nothings:
        assert Engine(nothing).config == default
    assert list(default["pools"]) == ["payment", "delivery", "notification"]
    assert default["regulator"]["hard_limit"] == 1200


def test_every_problem_at_once() -> None:
    config = {
        "regulator": {"soft_limt": 5, "hard_limit": 0, "reserved_capacity": math.nan},
        "pools": {"p": {"max_workers": "many", "strategy": "lilo"}},
        "cost": {"currency": {1, 2}},
    }
    with pytest.raises(ConfigError) as caught:
        Engine(config)
    error = caught.value
    paths = [path for path, _ in error.problems]
    assert {
        "regulator.soft_limt", "regulator.hard_limit", "regulator.reserved_capacity", "pools.p.max_workers",
        "pools.p.strategy", "cost.currency",
    } <= set(paths)  # fmt: skip
    assert "`soft_limit`" in dict(error.problems)["regulator.soft_limt"]
    assert dict(error.problems)["cost.currency"] == "unsupported type `set`"
    for path, message in error.problems:
        assert f"{path}: {message}" in str(error)
    assert isinstance(error, ValueError)
    assert pickle.loads(pickle.dumps(error)).problems == error.problems


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (math.nan, "NaN"),
        (math.inf, "inf"),
        (-(2**40), "-1099511627776"),
        (10**60, "out of range"),
        ("x", "`x`"),
        (1.5, "1.5"),
        (True, "true"),
        ([1], "a list"),
        ({"a": 1}, "a map"),
        (b"5", "unsupported type `bytes`"),
        (object(), "unsupported type `object`"),
    ],
)
def test_a_wrong_value_is_named_with_its_path(value: object, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Engine({"pools": {"a.b": {"max_workers": value}}})
    path, message = caught.value.problems[0]
    assert path == 'pools."a.b".max_workers'
    assert problem in message


def test_keys_are_text() -> None:
    with pytest.raises(ConfigError, match="regulator: a key of type `int`"):
        Engine({"regulator": {1: 2}})
    with pytest.raises(ConfigError, match="isn't valid Unicode"):
        Engine({"\ud800": 2})
    with pytest.raises(ConfigError, match="isn't valid Unicode"):
        Engine({"cost": {"currency": "\ud800"}})


def test_a_circle_ends() -> None:
    circle: dict[str, Any] = {}
    circle["pools"] = circle
    with pytest.raises(ConfigError, match="nested deeper"):
        Engine(circle)


class Breaking(Mapping[str, Any]):
    """A mapping that fails when it is read."""

    def __getitem__(self, key: str) -> Any:
        raise RuntimeError("broken")

    def __iter__(self) -> Any:
        return iter(["pools"])

    def __len__(self) -> int:
        return 1


def test_what_a_mapping_raises_comes_through() -> None:
    with pytest.raises(RuntimeError, match="broken"):
        Engine(Breaking())


@pytest.mark.parametrize("config", [5, 1.5, b"{}", ["a"], True])
def test_other_types_are_refused(config: Any) -> None:
    with pytest.raises(TypeError, match="configuration"):
        Engine(config)


def test_a_path_as_text_comes_with_a_hint() -> None:
    with pytest.raises(ConfigError, match=r"pathlib\.Path"):
        Engine("heijunka.toml")


def test_files_that_are_no_good(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Engine(tmp_path / "missing.toml")
    with pytest.raises(IsADirectoryError):
        Engine(tmp_path)
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="UTF-8"):
        Engine(binary)
    broken = tmp_path / "broken.json"
    broken.write_text('{"pools": ')
    with pytest.raises(ConfigError, match=r"not valid JSON: .* line 1 column"):
        Engine(broken)


def test_presets() -> None:
    assert list(heijunka.presets) == ["classic", "adaptive"]
    assert len(heijunka.presets) == 2
    assert heijunka.presets["classic"] == Engine().config
    adaptive = heijunka.presets["adaptive"]
    assert (adaptive["scaler"]["mode"], adaptive["burst"]["scope"]) == ("staffing", "pool")
    adaptive["pools"].clear()
    assert heijunka.presets["adaptive"]["pools"]
    assert Engine(heijunka.presets["adaptive"]).config == heijunka.presets["adaptive"]
    assert Engine({"preset": "adaptive"}).config == heijunka.presets["adaptive"]
    with pytest.raises(KeyError):
        heijunka.presets["modern"]
    assert "modern" not in heijunka.presets


def test_resolving_with_a_preset_and_settings() -> None:
    config = heijunka.resolve_config(
        None, preset="adaptive", set=["pools.payment.max_workers=3", "scaler.mode=step"]
    )
    assert config["pools"]["payment"]["initial_workers"] == 3
    assert list(config["pools"]) == ["payment", "delivery", "notification"]
    assert (config["scaler"]["mode"], config["burst"]["scope"]) == ("step", "pool")
    with pytest.raises(ConfigError) as caught:
        heijunka.resolve_config(set=["pools.paymnt.max_workers=3", "nonsense", "scaler.mod=step"])
    assert len(caught.value.problems) == 3
    assert "`payment`" in str(caught.value)


def test_a_config_written_is_read_back_as_itself() -> None:
    for name in heijunka.presets:
        config = heijunka.presets[name]
        assert heijunka.resolve_config(json.dumps(config)) == config
