#!/bin/sh
# Make .venv from requirements/dev.txt, with every hash checked. Does nothing when it is there and the lock is the same.
# `install.sh FOLDER LOCK` makes another one. PYTHON=/path/to/python chooses the interpreter; else the first of python3 and its named versions that is new enough.
set -eu

venv=${1:-.venv}
lock=${2:-requirements/dev.txt}
stamp=$venv/installed-lock.txt

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

choose_python() {
    if [ -n "${PYTHON:-}" ]; then
        new_enough "$PYTHON" || fail "PYTHON=$PYTHON does not run Python 3.11 or newer."
        return
    fi
    for PYTHON in python3 python3.13 python3.12 python3.11 python3.14 python; do
        new_enough "$PYTHON" && return
    done
    fail 'Gatehouse needs Python 3.11 or newer, and none was found.' \
        'Install one, or name it: make PYTHON=/path/to/python3'
}

if [ -x "$venv/bin/python" ] && cmp -s "$lock" "$stamp"; then
    exit 0
fi

choose_python
"$PYTHON" -c 'import ensurepip, venv' 2>/dev/null ||
    fail "$("$PYTHON" --version) lacks the modules venv and ensurepip." \
        'On Debian and Ubuntu: apt install python3-venv'
echo "Making $venv with $("$PYTHON" --version) from $lock …"
"$PYTHON" -m venv --clear "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r "$lock"
cp "$lock" "$stamp"
