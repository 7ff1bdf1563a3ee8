#!/bin/sh
# An environment of their own for the tools that the benchmarks compare probe with: they pin
# numpy<2 and transformers<5, so they cannot live beside probe. It holds exactly the extra `laion`
# of pyproject.toml and lies under build/, which git ignores.
#
#   sh benchmarks/oracles.sh [FOLDER]     FOLDER defaults to build/oracles; about 2 GB
set -eu
cd "$(dirname "$0")/.."
folder=${1:-build/oracles}
python=${PYTHON:-python3}

"$python" -m venv "$folder"
"$folder/bin/python" - <<'END' > "$folder/requirements.txt"
import tomllib

with open("pyproject.toml", "rb") as file:
    print("\n".join(tomllib.load(file)["project"]["optional-dependencies"]["laion"]))
END
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check -r "$folder/requirements.txt"
"$folder/bin/python" -m pip list --disable-pip-version-check --format freeze |
    grep -iE '^(fadtk|frechet|laion|numpy|scipy|torch)'
