"""Prints how well the plain-language STOP does on the labelled phrases, for the half it was made with and the other.

    python -m bin.plain_stop [--half made|kept]

Precision: of the texts taken for a STOP, how many are one. Recall: of those that are one, how many were taken for it.
"""

import argparse
from collections.abc import Sequence

from peoplelink.subscribers import commands
from tests.subscribers import phrases
from tests.subscribers.phrases import Phrase

HALVES = {"made": False, "kept": True}


def figures(judged: Sequence[Phrase]) -> str:
    """A line of a table: phrases, precision, recall."""
    taken = [phrase for phrase in judged if commands.means_stop(phrase.text)]
    asked = [phrase for phrase in judged if phrase.stop]
    right = sum(phrase.stop for phrase in taken)
    return f"{len(judged):4} phrases, {_share('precision', right, taken)}, {_share('recall', right, asked)}"


def misses(judged: Sequence[Phrase]) -> list[str]:
    """What was taken wrongly, and what was not taken."""
    wrong = [phrase for phrase in judged if commands.means_stop(phrase.text) is not phrase.stop]
    return [f"{'missed' if phrase.stop else 'taken wrongly'}: {phrase.text}" for phrase in wrong]


def _share(name: str, right: int, whole: Sequence[Phrase]) -> str:
    return f"{name} {right}/{len(whole)} = {right / len(whole):.3f}"


def main() -> None:
    """Print the figures of each half and language, and the misses below them."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--half", choices=HALVES, action="append", help="only this half")
    everything = phrases.load()
    for half in asked.parse_args().half or HALVES:
        for language in phrases.LANGUAGES:
            judged = [one for one in everything if one.language == language and one.kept_out is HALVES[half]]
            print(half, language, figures(judged))
            for miss in misses(judged):
                print("     ", miss)


if __name__ == "__main__":
    main()
