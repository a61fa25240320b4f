#!/usr/bin/env bash
# For maintainers: builds native/ against the LibTorch 2.6 of Debian 13, with warnings as errors, and runs the tests of
# the binding over it. The C# is built here; what runs there is the same assemblies with another native library.
#
#   scripts/test-torch2.sh [XUNIT OPTION...]
#
# Needs root and debootstrap, and 3 GB: the Debian 13 is made under /opt/trixie (TORCH2_ROOT=DIR: elsewhere) the first
# time and kept. Its build folder is build/torch2.
set -euo pipefail

self=$(readlink -f -- "${BASH_SOURCE[0]}")
root=${self%/scripts/*}
debian=${TORCH2_ROOT:-/opt/trixie}
packages=(cmake g++ libgloo-dev libopenblas0-pthread libtorch-dev ninja-build)

if [[ ${1:-} != --inside ]]; then
    # shellcheck source=scripts/setup.sh
    source "$root/scripts/setup.sh"
    [[ $(id -u) == 0 ]] || fail 'this needs root: it enters another Debian with chroot'
    if [[ ! -e $debian/etc/debian_version ]]; then
        type -P debootstrap >/dev/null || fail 'this needs debootstrap: apt-get install debootstrap'
        say "making a Debian 13 in $debian"
        debootstrap --variant=minbase trixie "$debian" >&2
    fi
    setup_find
    setup_ready tests || setup_do tests build
    # In a mount namespace of its own, so that the mounts go when the script goes, however it goes.
    TORCH2_DOTNET=$(readlink -f "$(type -P "$dotnet")") exec unshare --mount -- "$self" --inside "$@"
fi

shift
dotnet=$TORCH2_DOTNET
mkdir -p "$debian$root" "$debian${dotnet%/*}"
mount -t proc proc "$debian/proc"
mount --bind /dev "$debian/dev"
mount --bind "$root" "$debian$root"
mount --bind "${dotnet%/*}" "$debian${dotnet%/*}"

inside() { chroot "$debian" env LANG=C.UTF-8 HOME=/root DEBIAN_FRONTEND=noninteractive "$@"; }

if ! inside dpkg-query -W "${packages[@]}" >/dev/null 2>&1; then
    cp -L /etc/resolv.conf "$debian/etc/resolv.conf"
    inside apt-get update -q >&2
    inside apt-get install -y -q --no-install-recommends "${packages[@]}" >&2
fi
inside cmake -S "$root/native" -B "$root/build/torch2" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS=-Werror
inside cmake --build "$root/build/torch2"
inside env SIO_NATIVE="$root/build/torch2/libsio_torch.so" DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 \
    "$dotnet" exec "$root/tests/Sio.Torch.Tests/bin/Release/net10.0/Sio.Torch.Tests.dll" -noLogo "$@"
