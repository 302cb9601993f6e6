#!/bin/sh
# Builds weft.o and weft_socket.o in src/main/resources/io/weft/datapath from src/main/c, the same
# bytes on every machine that has clang 14. With --check: fails when a committed object is not what
# the sources give.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
source=$here/src/main/c
objects=$here/src/main/resources/io/weft/datapath
CLANG=${CLANG:-clang-14}
STRIP=${STRIP:-llvm-strip-14}
for tool in "$CLANG" "$STRIP"; do
    command -v "$tool" >/dev/null || {
        echo "build-object.sh: $tool is missing; Debian: apt-get install clang-14 llvm-14" >&2
        exit 3
    }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# <asm/types.h> is under the host's triplet: any Linux has the types that we use
include=/usr/include/$(uname -m)-linux-gnu
cd "$source"
mkdir -p "$objects"
for name in weft weft_socket; do
    "$CLANG" -O2 -g -target bpfel -mcpu=v3 -std=gnu11 -fno-strict-aliasing -nostdinc \
        -isystem "$include" -isystem /usr/include \
        -Wall -Wextra -Werror -Wno-unused-function -Wno-address-of-packed-member \
        -fdebug-compilation-dir=. -fdebug-prefix-map="$source"=. \
        -c "$name.c" -o "$work/$name.o"
    "$STRIP" -g "$work/$name.o"
    if [ "${1:-}" != --check ]; then
        cp "$work/$name.o" "$objects/$name.o"
    elif ! cmp -s "$work/$name.o" "$objects/$name.o"; then
        echo "build-object.sh: $objects/$name.o is not what the sources give;" \
            "run datapath/build-object.sh" >&2
        exit 1
    fi
done
