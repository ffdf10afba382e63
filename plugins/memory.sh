#!/usr/bin/env bash
# Prints the initial memory and the stack size, in bytes, of a component's first module with a memory.
#
# A wasm file is a list of sections: id, length, content. Only the two sections asked for are looked
# into, so that this needs no tool beyond od.
#
#   plugins/memory.sh <component>
set -euo pipefail

readonly FILE=$1 PAGE_BYTES=65536
readonly COMPONENT_MODULE=1 MODULE_MEMORY=5 MODULE_GLOBAL=6
at=0

byte() {
    value=$(od -An -tu1 -j "$at" -N 1 "$FILE")
    value=$((value))
    at=$((at + 1))
}

# An unsigned LEB128 number: seven bits a byte, lowest first. The sizes asked for here are never negative,
# so the signed form of a constant differs in its unused top bits only.
number() {
    local shift=0
    number=0
    while :; do
        byte
        number=$((number | (value & 127) << shift))
        shift=$((shift + 7))
        ((value & 128)) || break
    done
}

# A memory is a count, its limits' flags and the pages it begins with.
read_memory() {
    number; byte; number
    memory=$((number * PAGE_BYTES))
}

# The linker's first global is the stack pointer: type, mutability, `i32.const` and where the stack begins,
# which is its size, as the stack lies below everything else.
read_stack() {
    number; byte; byte; byte; number
    stack=$number
}

# Walks one module that ends at byte $1.
read_module() {
    local end=$1 id next
    at=$((at + 8))
    memory='' stack=''
    while ((at < end)); do
        byte; id=$value
        number; next=$((at + number))
        case $id in
            "$MODULE_MEMORY") read_memory ;;
            "$MODULE_GLOBAL") read_stack ;;
        esac
        at=$next
        [[ -z $memory || -z $stack ]] || { echo "$memory $stack"; exit 0; }
    done
}

size=$(wc -c <"$FILE")
at=8
while ((at < size)); do
    byte; id=$value
    number; next=$((at + number))
    ((id != COMPONENT_MODULE)) || read_module "$next"
    at=$next
done
echo "$FILE: no module with a memory and a stack" >&2
exit 1
