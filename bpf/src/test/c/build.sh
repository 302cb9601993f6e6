#!/bin/sh
# Compiles the test programs; the objects are committed. Needs clang 14.
set -eu
cd "$(dirname "$0")"
for source in *.c; do
	"${CLANG:-clang-14}" -O2 -g -target bpf -mcpu=v3 -Wall -Werror \
		-I/usr/include/x86_64-linux-gnu -fdebug-compilation-dir=. \
		-c "$source" -o "../resources/${source%.c}.o"
done
