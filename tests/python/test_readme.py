"""The README's Python and configuration examples do what they say."""

from __future__ import annotations

import re
from pathlib import Path

import heijunka
import pytest

README = Path(__file__).resolve().parents[2] / "README.md"


def code_blocks(language: str) -> list[str]:
    """The contents of the fenced code blocks of a language."""
    text = README.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)


def run_example(index: int, capsys: pytest.CaptureFixture[str]) -> str:
    """Runs one of the Python examples and answers what it printed."""
    example = code_blocks("python")[index]
    assert len(example.splitlines()) <= 12
    exec(compile(example, str(README), "exec"), {"__name__": "__main__"})
    return capsys.readouterr().out


def test_the_python_example_runs_and_is_served(capsys: pytest.CaptureFixture[str]) -> None:
    printed = run_example(0, capsys)
    assert re.match(r"worker \d+ of pool delivery serves it\n", printed)
    assert "refused" not in printed


def test_the_storm_runs(capsys: pytest.CaptureFixture[str]) -> None:
    printed = run_example(1, capsys)
    match = re.fullmatch(r"(\d+) \{'mean': [\d.]+, 'low': -?[\d.]+, 'high': [\d.]+\}\n", printed)
    assert match and int(match.group(1)) > 1000


def test_the_configuration_example_is_accepted() -> None:
    (example,) = code_blocks("toml")
    engine = heijunka.Engine(example)
    assert engine.admit(0, "checkout")
    assert engine.pool_status("checkout")["max_workers"] == 30


def test_every_file_that_the_readme_links_to_exists() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README.read_text(encoding="utf-8"))
    assert links
    for link in links:
        assert (README.parent / link).is_file(), link
