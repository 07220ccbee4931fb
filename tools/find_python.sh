#!/bin/sh
# Prints the first Python that can run Customermates; otherwise "!" and a sentence that says what is missing
# (make adds the full stop).
# Each candidate is started, because a name on PATH may be a shim with nothing behind it.
probe='
import sys
if not (3, 11) <= sys.version_info[:2] <= (3, 14):
    sys.exit("version")
try:
    import ensurepip, venv
except ImportError:
    sys.exit("venv")
print(sys.executable)
'
seen=""
without_venv=""
for name in ${PYTHON:-.venv/bin/python python3.14 python3.13 python3.12 python3.11 python3 python}; do
    if answer=$("$name" -c "$probe" 2>&1); then
        printf '%s\n' "$answer"
        exit 0
    fi
    case $answer in
        version) seen=${seen:-$("$name" -c 'import sys; print("%d.%d" % sys.version_info[:2])')} ;;
        venv) without_venv=${without_venv:-$name} ;;
    esac
done
if [ -n "$without_venv" ]; then
    echo "!$without_venv lacks venv or pip: install them (on Debian and Ubuntu: apt install python3-venv) and run make again"
else
    echo "!Customermates needs Python 3.11 to 3.14 and found ${seen:+only Python }${seen:-none}: install one, or name it with make PYTHON=/path/to/python3"
fi
