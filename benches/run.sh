#!/bin/sh
# Prints what the commands that a shell evaluates cost, as ratios taken in one run: against a program that
# does nothing, and against docker's own client. valgrind, strace and docker are used where they are
# there; rows that need one that is not are skipped. Nothing here fails for being slow.
set -eu
cd "$(dirname "$0")/.."
exec cargo bench --bench hot
