"""What the native part asks Python to do: reading files."""

from __future__ import annotations

import os

from .errors import ConfigError

#: A configuration is a page of text; what is larger is another file, taken by mistake.
MAX_CONFIG_BYTES = 16 * 1024 * 1024


def read_config(path: os.PathLike[str]) -> tuple[str, str]:
    """The text of a configuration file and its kind, `json` or `toml`, told by the name's ending.

    Any other ending: `json` when the text begins with a brace. Raises `OSError` when the file can't be read, and
    `ConfigError` when it isn't UTF-8 text.
    """
    name = os.fspath(path)
    with open(name, "rb") as file:
        data = file.read(MAX_CONFIG_BYTES + 1)
    text = config_text(data)
    ending = os.path.splitext(name)[1].lower()
    if ending not in {".json", ".toml"}:
        ending = ".json" if text.lstrip().startswith("{") else ".toml"
    return text, ending[1:]


def config_text(data: bytes) -> str:
    """The text of a configuration. Raises `ConfigError` when it is too large or isn't UTF-8."""
    if len(data) > MAX_CONFIG_BYTES:
        problem = f"larger than {MAX_CONFIG_BYTES} bytes"
        raise ConfigError(problem, [("", problem)])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problem = f"not UTF-8 text (byte {error.start})"
        raise ConfigError(problem, [("", problem)]) from None
