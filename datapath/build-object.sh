#!/bin/sh
# Builds weft.o and weft_socket.o in src/main/resources/io/weft/datapath from src/main/c, and the lab's
# weft_lab.o likewise, the same bytes on every machine that has clang 14. With --check: fails when a
# committed object is not what the sources give.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
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

build() { # build MODULE NAME PACKAGE
    source=$1/src/main/c
    objects=$1/src/main/resources/io/weft/$3
    cd "$source"
    mkdir -p "$objects"
    "$CLANG" -O2 -g -target bpfel -mcpu=v3 -std=gnu11 -fno-strict-aliasing -nostdinc \
        -isystem "$include" -isystem /usr/include \
        -Wall -Wextra -Werror -Wno-unused-function -Wno-address-of-packed-member \
        -fdebug-compilation-dir=. -fdebug-prefix-map="$source"=. \
        -c "$2.c" -o "$work/$2.o"
    "$STRIP" -g "$work/$2.o"
    if [ "${check:-}" != --check ]; then
        cp "$work/$2.o" "$objects/$2.o"
    elif ! cmp -s "$work/$2.o" "$objects/$2.o"; then
        echo "build-object.sh: $objects/$2.o is not what the sources give;" \
            "run datapath/build-object.sh" >&2
        exit 1
    fi
}

check=${1:-}
build "$here" weft datapath
build "$here" weft_socket datapath
build "$here/../lab" weft_lab lab
