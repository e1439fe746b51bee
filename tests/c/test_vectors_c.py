"""The corpus through the C library: every file, every answer bit for bit."""

from pathlib import Path

import pytest
import vectors
from c_face import CFace

FOLDER = Path(__file__).parents[1] / "vectors"
# Everything but the description: what isn't a sequence fails.
FILES = sorted(path for path in FOLDER.iterdir() if path.name != "README.md")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_gives_what_it_says(path: Path) -> None:
    (sequence,) = vectors.sequences(path)
    assert path.name == f"{sequence.name}.json"
    finished = vectors.run(sequence, CFace)
    assert not finished.failures, "\n".join(finished.failures)
    assert finished.digest == sequence.digest, "the answers aren't those of the other languages"


def test_the_corpus_is_there() -> None:
    assert len(FILES) >= 60
