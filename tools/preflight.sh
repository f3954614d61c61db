#!/bin/sh
# Says in one line what is missing or too old, which version is needed, and where to get it.
# usage: preflight.sh PYTHON python|node|npm|terraform …
python=$1
shift
status=0

miss() {
    echo "$1; version $2 or newer is needed: $3" >&2
    status=1
}

# at_least FOUND MAJOR.MINOR
at_least() {
    [ "${1%%.*}" -gt "${2%%.*}" ] && return 0
    rest=${1#*.}
    [ "${1%%.*}" -eq "${2%%.*}" ] && [ "${rest%%.*}" -ge "${2#*.}" ]
}

# check NAME FOUND MAJOR.MINOR WHERE
check() {
    if [ -z "$2" ]; then
        miss "$1 is missing" "$3" "$4"
    elif ! at_least "$2" "$3" 2>/dev/null; then
        miss "$1 $2 is too old" "$3" "$4"
    fi
}

for program; do
    case $program in
    python)
        found=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
        check Python "$found" 3.10 "https://www.python.org/downloads/ (or name one: make PYTHON=python3.12)"
        if [ -n "$found" ] && ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
            echo "Python $found has no venv module; install it (on Debian: apt install python3-venv)" >&2
            status=1
        fi
        ;;
    node)
        found=$(node --version 2>/dev/null)
        check Node "${found#v}" 20.0 https://nodejs.org/en/download
        ;;
    npm)
        check npm "$(npm --version 2>/dev/null)" 9.0 https://docs.npmjs.com/downloading-and-installing-node-js-and-npm
        ;;
    terraform)
        found=$(CHECKPOINT_DISABLE=1 TF_CLI_CONFIG_FILE='' terraform version 2>/dev/null | sed -n 's/^Terraform v//p')
        check terraform "$found" 1.10 https://developer.hashicorp.com/terraform/install
        ;;
    esac
done
exit $status
