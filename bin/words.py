"""Collect every word that residents read, and tell each catalogue what is new: `make words`.

What a translator has written stays; what is no longer said is dropped. Nothing is guessed from what is alike: half a
word's change can turn a sentence round.
"""

import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

from peoplelink.languages import ENGLISH, FOLDER, LANGUAGES, Language, path_of

PACKAGE = FOLDER.parent
TEMPLATE = FOLDER / "messages.pot"
_METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
_OPTIONS = {
    "templates/**.html": {
        "extensions": "jinja2.ext.do",
        "newstyle_gettext": "true",
        "trimmed": "true",
        "silent": "false",  # a template that cannot be read is a mistake, and not one without words
    }
}
_KEYWORDS = DEFAULT_KEYWORDS | {"_l": None, "lazy_gettext": None, "marked": None}


def main() -> None:
    template = collected()
    _write(TEMPLATE, template)
    for language in LANGUAGES.values():
        if language is not ENGLISH:
            catalogue = _catalogue(language)
            catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
            catalogue.obsolete.clear()
            catalogue.header_comment, catalogue.fuzzy = _HEAD, False
            _write(path_of(language.code), catalogue)
            missing = sum(1 for message in catalogue if message.id and not message.string)
            print(f"{language.english}: {len(catalogue)} messages, {missing} without words")


def collected() -> Catalog:
    """All that is said in code and templates, with the files it stands in."""
    found = Catalog(project="People Link", charset="utf-8", fuzzy=False, header_comment=_HEAD)
    every = extract_from_dir(PACKAGE, _METHODS, _OPTIONS, _KEYWORDS, comment_tags=("Translators:",))
    for file, _line, message, comments, context in sorted(every, key=lambda one: (one[0], one[1])):
        found.add(message, locations=[(f"peoplelink/{file}", None)], auto_comments=comments, context=context)
    return found


def written(catalogue: Catalog) -> str:
    """A catalogue as it is kept: without the head's dates, which would change with every run."""
    file = io.BytesIO()
    write_po(file, catalogue, width=120, sort_by_file=False, include_lineno=False, omit_header=False)
    lines = file.getvalue().decode().splitlines()
    return "\n".join(line for line in lines if not line.startswith(_DATED)).strip() + "\n"


_HEAD = """\
# Words that residents read, collected by `make words`. Whether a reader has checked a catalogue
# stands on the officers' page "Languages", which notices every change of words."""
_DATED = (
    '"POT-Creation-Date:',
    '"PO-Revision-Date:',
    '"Generated-By:',
    '"Report-Msgid-Bugs-To:',
    '"Last-Translator:',
    '"Language-Team:',
    '"Project-Id',
)


def _write(path: Path, catalogue: Catalog) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(written(catalogue), encoding="utf-8")


def _catalogue(language: Language) -> Catalog:
    path = path_of(language.code)
    if not path.exists():
        return Catalog(locale=language.code, project="People Link", charset="utf-8", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language.code)


if __name__ == "__main__":
    main()
