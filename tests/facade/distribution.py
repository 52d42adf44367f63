"""Builds and installs the client as `pip install .` gives it to a monitored application."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def build_wheel(folder: Path) -> Path:
    """Build it within `folder` from a copy: setuptools writes its build folder into the source tree."""
    source, wheels = folder / "source", folder / "wheels"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, source)
    shutil.copytree(ROOT / "tradewatch", source / "tradewatch", ignore=shutil.ignore_patterns("__pycache__"))
    pip("wheel", "--no-deps", "--wheel-dir", str(wheels), str(source))
    [built] = wheels.glob("tradewatch_client-*.whl")
    return built


def install(wheel: Path, folder: Path) -> Path:
    """Install it with what it needs, in the versions that this run tests with, and nothing else; return where."""
    target, pinned = folder / "installed", folder / "pinned.txt"
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    pinned.write_text("\n".join(line for line in lines if "[" not in line))  # pip takes no extras in constraints
    pip("install", "--target", str(target), "--constraint", str(pinned), str(wheel))
    return target


def run_with(target: Path, program: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run `program` where only `target` can be imported: nothing of this checkout, nothing of its environment."""
    code = f"import sys; sys.path.insert(0, {str(target)!r})\n{program}"
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], env=environment, capture_output=True, text=True, timeout=60
    )


def pip(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "pip", "--quiet", *arguments], check=True, timeout=300)
