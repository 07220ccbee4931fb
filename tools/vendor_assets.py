"""Third-party files of the pages, brought into `static/vendor`: for maintainers, never at run time.

    python tools/vendor_assets.py

takes each package below from npm (`npm pack`), copies what we use, cuts the icon sprite that
`static/vendor/icons.txt` lists, gathers the licences and writes `VENDOR.toml` with the hash of
every file. Tests compare the files with those hashes, so an edited copy is noticed.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "static" / "vendor"
TEST_VENDOR = ROOT / "tests" / "browser" / "vendor"


@dataclass(frozen=True)
class Package:
    """One npm package: where its licence lies, and which of its files become ours, by new name."""

    name: str
    version: str
    license: str
    files: dict[str, str]
    folder: Path = VENDOR


PACKAGES = [
    Package("htmx.org", "4.0.1", "0BSD", {"dist/htmx.min.js": "htmx-4.0.1.min.js"}),
    Package("sortablejs", "1.15.7", "MIT", {"Sortable.min.js": "sortable-1.15.7.min.js"}),
    Package(
        "@fontsource-variable/inter",
        "5.3.0",
        "OFL-1.1",
        {
            "files/inter-latin-wght-normal.woff2": "inter-latin-5.3.0.woff2",
            "files/inter-latin-ext-wght-normal.woff2": "inter-latin-ext-5.3.0.woff2",
        },
    ),
    Package("lucide-static", "1.62.0", "ISC", {}),
    Package("axe-core", "4.14.1", "MPL-2.0", {"axe.min.js": "axe-4.14.1.min.js"}, TEST_VENDOR),
]
ICONS_FROM = "lucide-static"


def main() -> None:
    """All packages fetched and unpacked, their files copied and told in VENDOR.toml."""
    entries, licenses = [], []
    for package in PACKAGES:
        with tempfile.TemporaryDirectory() as folder:
            content = fetch(package, Path(folder))
            written = {new: (content / old).read_bytes() for old, new in package.files.items()}
            if package.name == ICONS_FROM:
                written["icons.svg"] = sprite(content / "icons").encode()
            licenses.append(f"{package.name} {package.version}\n\n{(content / 'LICENSE').read_text()}")
        package.folder.mkdir(parents=True, exist_ok=True)
        for name, data in written.items():
            data = without_source_map(data) if name.endswith(".js") else data
            (package.folder / name).write_bytes(data)
            entries.append(entry(package, name, data))
    (VENDOR / "VENDOR.toml").write_text("\n".join(entries))
    (VENDOR / "LICENSES.txt").write_text(f"\n\n{'-' * 72}\n\n".join(text.strip() for text in licenses) + "\n")


def fetch(package: Package, folder: Path) -> Path:
    """The unpacked package in `folder`."""
    command = ["npm", "pack", "--silent", f"{package.name}@{package.version}"]
    archive = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.split()[
        -1
    ]
    with tarfile.open(folder / archive) as content:
        content.extractall(folder, filter="data")
    return folder / "package"


def sprite(icons: Path) -> str:
    """One file with a symbol for each icon that icons.txt lists; pages draw it with `<use>`."""
    names = (VENDOR / "icons.txt").read_text().split()
    symbols = (symbol(name, (icons / f"{name}.svg").read_text()) for name in names)
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def symbol(name: str, svg: str) -> str:
    """The drawing inside an icon's file, under the icon's name."""
    inner = re.sub(r"\s*\n\s*", "", svg[svg.index(">", svg.index("<svg")) + 1 : svg.rindex("</svg>")])
    return f'<symbol id="{name}" viewBox="0 0 24 24">{inner}</symbol>'


def without_source_map(data: bytes) -> bytes:
    """The script without the line that sends browsers looking for a map we do not ship."""
    return re.sub(rb"\n?//# sourceMappingURL=\S+\s*$", b"\n", data)


def entry(package: Package, name: str, data: bytes) -> str:
    """What VENDOR.toml says of one file."""
    path = (package.folder / name).relative_to(ROOT).as_posix()
    lines = [
        "[[file]]",
        f'path = "{path}"',
        f'package = "{package.name}"',
        f'version = "{package.version}"',
        f'license = "{package.license}"',
        f'sha256 = "{hashlib.sha256(data).hexdigest()}"',
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
