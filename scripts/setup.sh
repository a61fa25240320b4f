# shellcheck shell=bash
# What has to be there before anything runs: packages, the native library, the C# build.
# Sourced by ./sio and ./test, which set $root first; nothing is done by sourcing it.
#
#   setup_find          finds dotnet, LibTorch and the build folder; fails on a wrong LIBTORCH
#   setup_ready WHAT    true when nothing needs doing for WHAT: cli (./sio) or tests (./test)
#   setup_do WHAT MODE  does what is missing; MODE build, data: Fashion-MNIST too, or all: looks at each step and says so
#
# A build is in order when the list of its sources (path, size, time) is the one that it was made from: an edit, a new
# file, a deleted one and an older one put back all show. The list is written only after the build has succeeded.

: "${root:?is set by the script that sources this one}"
: "${HOME:=$root/build/home}" # dotnet and NuGet refuse to work without one
export HOME
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false
export DOTNET_CLI_USE_MSBUILD_SERVER=0 # see the options in setup_dotnet
# The SDK dies where libicu is missing, as it may after dotnet-install.sh; nothing here needs cultures.
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=${DOTNET_SYSTEM_GLOBALIZATION_INVARIANT:-1}

build=$root/build
data_package=dataset-fashion-mnist
system=${SIO_SYSTEM_ROOT:-} # stands before the system's paths: the tests of this script look at another system

say() { printf 'sio: %s\n' "$*" >&2; }
fail() {
    say "$@"
    exit 1
}

# The first of its arguments that exists, in $found; patterns are the caller's to expand.
first_of() {
    for found in "$@"; do
        [[ -e $found ]] && return
    done
    found=
    return 1
}

setup_find() {
    dotnet=
    if type -P dotnet >/dev/null; then
        dotnet=dotnet
    elif first_of "${DOTNET_ROOT:-}/dotnet" "$HOME/.dotnet/dotnet" "$system"/usr/{share,lib,lib64}/dotnet/dotnet; then
        dotnet=$found
    fi

    local hash
    if [[ -n ${LIBTORCH:-} ]]; then
        libtorch=$(readlink -f -- "$LIBTORCH") || libtorch=$LIBTORCH
        libtorch_so=$libtorch/lib/libtorch_cpu.so
        if [[ ! -e $libtorch_so || ! -d $libtorch/include/ATen ]]; then
            local hint=
            first_of "$libtorch"/{libtorch,torch}/lib/libtorch_cpu.so && hint="; perhaps ${found%/lib/*}"
            fail "LIBTORCH=$LIBTORCH is no LibTorch: lib/libtorch_cpu.so and include/ATen are not in it$hint"
        fi
        hash=$(sha1sum <<<"$libtorch")
        native_dir=$build/native-${hash:0:8}
    else
        libtorch=
        first_of "$system"/usr/lib/*-linux-gnu/libtorch_cpu.so "$system"/usr/lib{64,}/libtorch_cpu.so || true
        libtorch_so=$found
        native_dir=$build/native
    fi
    export SIO_NATIVE=$native_dir/libsio_torch.so
}

# Prints path, size and time of each file under the given paths of the root; those that are not there are passed over.
list_files() {
    local path
    local -a there=()
    cd "$root" || return
    for path in "$@"; do
        [[ -e $path ]] && there+=("$path")
    done
    # -H: LibTorch's library is a link on Debian, and what it points at is what counts.
    find -H "${there[@]}" -type d \( -name bin -o -name obj -o -name .vs \) -prune -o -type f -printf '%p %s %T@\n' |
        LC_ALL=C sort
}

native_sources() { list_files native "$libtorch_so"; }

dotnet_sources() { # WHAT
    local -a roots=(src data recipes Directory.Build.props Directory.Build.targets Directory.Packages.props .editorconfig NuGet.config global.json)
    [[ $1 == cli ]] || roots+=(tests examples benchmarks Sio.slnx)
    list_files "${roots[@]}"
}

# Is the build that FILE describes made from the sources that COMMAND lists?
unchanged() { # FILE COMMAND...
    [[ -f $1 ]] && [[ $("${@:2}") == "$(<"$1")" ]]
}

native_ready() { [[ -n $libtorch_so && -f $SIO_NATIVE ]] && unchanged "$native_dir/sources" native_sources; }

dotnet_ready() { # WHAT
    [[ -f $root/src/Sio.Cli/bin/Release/net10.0/Sio.Cli.dll ]] && unchanged "$build/$1.sources" dotnet_sources "$1"
}

setup_ready() { # WHAT
    [[ -n $dotnet ]] && native_ready && dotnet_ready "$1"
}

# Runs a command with its output in build/NAME.log, and shows the end of that when it fails.
logged() { # NAME COMMAND...
    local log=$build/$1.log
    shift
    if "$@" >"$log" 2>&1 </dev/null; then
        return
    fi
    say "this failed: $* (all of its output is in $log)"
    # MSBuild says each error twice.
    { grep -E 'error|Error|^E: ' "$log" || cat "$log"; } | awk '!seen[$0]++' | tail -n 20 | sed 's/^/    /' >&2
    return 1
}

# Packages ------------------------------------------------------------------------------------------------------------

# What is missing, as Debian's packages, in $missing. The things themselves are looked for, not the packages: they may
# have come another way.
look_for_missing() {
    missing=()
    if [[ -z ${CXX:-} ]]; then
        type -P g++ >/dev/null || type -P c++ >/dev/null || missing+=(g++)
    fi
    type -P cmake >/dev/null || missing+=(cmake)
    type -P ninja >/dev/null || type -P make >/dev/null || missing+=(ninja-build)
    if [[ -z $libtorch ]]; then
        [[ -n $libtorch_so ]] && first_of "$system"/usr/include/{,*-linux-gnu/}ATen || missing+=(libtorch-dev)
        first_of "$system"/usr/include/gloo/config.h || missing+=(libgloo-dev)
    fi
}

# LibTorch's matrix products run in whatever libblas.so.3 is; Debian's default is the slow reference BLAS.
blas_is_fast() {
    [[ -n $libtorch ]] && return # releases of LibTorch bring their own
    first_of "$system"/usr/lib/*-linux-gnu/libblas.so.3 "$system"/usr/lib{64,}/libblas.so.3 || return
    [[ $(readlink -f "$found") =~ openblas|mkl|blis|atlas ]]
}

# Pictures (contact sheets, generated samples) are written by libpng, which reads PNG images too. On Debian 13 the name is that of a virtual package.
png_is_there() { first_of "$system"/usr/lib/*-linux-gnu/libpng16.so.16 "$system"/usr/lib{64,}/libpng16.so.16 "$system"/lib/*-linux-gnu/libpng16.so.16; }

# JPEG images are read by libjpeg-turbo, through the interface that does not come with Debian's libjpeg.
jpeg_is_there() { first_of "$system"/usr/lib/*-linux-gnu/libturbojpeg.so.0 "$system"/usr/lib{64,}/libturbojpeg.so.0; }

data_is_there() { [[ -e $system/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz ]]; }

# Installs packages. Why it could not is in $refusal, and what apt-get said to that in $errors.
apt_install() { # PACKAGE...
    local -a apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=600)
    errors=
    if ! type -P apt-get >/dev/null; then
        refusal='there is no apt-get here'
        return 1
    fi
    if [[ $(id -u) != 0 ]]; then
        if ! type -P sudo >/dev/null; then
            refusal='apt-get needs root, and there is no sudo'
            return 1
        elif [[ ! -t 2 ]] && ! sudo -n true 2>/dev/null; then
            refusal='sudo asks for a password, and there is no terminal to give it at'
            return 1
        fi
        apt=(sudo "${apt[@]}")
    fi
    local size=
    [[ " $* " != *' libtorch-dev '* ]] || size=' (some minutes, 1 GB on disk)'
    say "installing Debian packages: $*$size"
    refusal="apt-get could not install $*: see $build/apt.log"
    # An update fails over one bad source among many, and over no network; whether that matters, the install tells.
    first_of "$system"/var/lib/apt/lists/*_Packages* || run_apt update || true
    if ! run_apt install -y --no-install-recommends "$@"; then
        run_apt update || true # old lists name files that the mirror no longer has
        run_apt install -y --no-install-recommends "$@"
    fi
}

# apt-get waits for dpkg's lock by itself, but not for that of its lists.
run_apt() {
    local tries=0
    # A service that a package starts must not go on holding our lock.
    until errors=$(logged apt "${apt[@]}" "$@" 2>&1 {lock}>&-); do
        if ((tries == 200)) || ! grep -q 'Could not get lock' "$build/apt.log"; then
            return 1
        fi
        ((tries++)) || say 'waiting for another apt-get to end'
        sleep 3
    done
}

setup_packages() { # MODE
    local -a missing wanted
    local refusal='' errors=''
    look_for_missing
    wanted=("${missing[@]}")
    blas_is_fast || wanted+=(libopenblas0-pthread)
    png_is_there || wanted+=(libpng16-16)
    jpeg_is_there || wanted+=(libturbojpeg0)
    if ((${#wanted[@]})); then
        apt_install "${wanted[@]}" || true
        setup_find
        look_for_missing
        if ((${#missing[@]})); then
            [[ -z $errors ]] || printf '%s\n' "$errors" >&2
            say "needed to build, and missing: ${missing[*]}"
            say "  ${refusal:-apt-get says they are installed, but they are not where they should be}"
            say "  install them as root: apt-get install ${wanted[*]} $data_package"
            [[ -n $libtorch ]] || say '  LIBTORCH=DIR takes an unpacked LibTorch, or the torch folder of PyTorch, instead'
            exit 1
        fi
    elif [[ $1 == all ]]; then
        say "build tools and LibTorch: in order ($libtorch_so)"
    fi
    if ! blas_is_fast; then
        say "warning: libblas.so.3 is not OpenBLAS, so training will be several times slower${refusal:+ ($refusal)}"
        say '  apt-get install libopenblas0-pthread; update-alternatives --config libblas.so.3-x86_64-linux-gnu'
    fi
    png_is_there || say "warning: there is no libpng (package libpng16-16), so no pictures can be written${refusal:+ ($refusal)}"
    jpeg_is_there || say "warning: there is no libjpeg-turbo (package libturbojpeg0), so no JPEG images can be read${refusal:+ ($refusal)}"

    # Not needed to build: only the quickstart stops without it.
    if data_is_there; then
        [[ $1 != all ]] || say 'Fashion-MNIST: in order'
    elif ! apt_install "$data_package" || ! data_is_there; then
        say "going on without Fashion-MNIST (package $data_package), which the quickstart needs: $refusal"
    fi
}

setup_sdk() { # MODE
    local needed='the .NET SDK 10 or later is needed (https://dotnet.microsoft.com/download)' version versions=
    [[ -n $dotnet ]] || fail "$needed: there is no dotnet on PATH"
    while read -r version _; do
        versions+=" $version"
        if ((${version%%.*} >= 10)); then
            [[ $1 != all ]] || say "the .NET SDK: in order ($version)"
            return
        fi
    done < <("$dotnet" --list-sdks </dev/null)
    fail "$needed: $dotnet has${versions:- none}"
}

# Builds --------------------------------------------------------------------------------------------------------------

# A build that was killed may have left half an object file that looks newer than its source; .unfinished tells the next
# one to begin anew. One that failed by itself has left only good files.
setup_native() { # MODE
    local sources
    if native_ready; then
        [[ $1 != all ]] || say "the native library: in order ($SIO_NATIVE)"
        return
    fi
    sources=$(native_sources)
    # CMake refuses a build folder that came here with a copied checkout.
    if [[ -e $native_dir/.unfinished ]] ||
        { [[ -e $native_dir/CMakeCache.txt ]] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root/native" "$native_dir/CMakeCache.txt"; }; then
        rm -rf "$native_dir"
    fi
    mkdir -p "$native_dir"
    local -a options=()
    if older_sources "$native_dir/sources" "$sources"; then
        options+=(--clean-first)
    fi
    rm -f "$native_dir/sources"
    say "building the native library over $libtorch_so (a minute)"
    touch "$native_dir/.unfinished"
    local built=true
    build_native "${options[@]}" || built=false
    rm -f "$native_dir/.unfinished"
    $built || exit 1
    [[ -f $SIO_NATIVE ]] || fail "CMake made no $SIO_NATIVE: see $build/native.log"
    write_sources "$native_dir/sources" "$sources"
}

build_native() { # OPTION...
    local -a configure=(cmake -S "$root/native" -B "$native_dir" -DCMAKE_BUILD_TYPE=Release)
    [[ -z $libtorch ]] || configure+=("-DLIBTORCH=$libtorch")
    if [[ ! -e $native_dir/CMakeCache.txt ]] && type -P ninja >/dev/null; then
        configure+=(-G Ninja)
    fi
    logged native-configure "${configure[@]}" &&
        logged native cmake --build "$native_dir" --parallel "$(nproc)" "$@"
}

setup_dotnet() { # WHAT MODE
    local sources project=src/Sio.Cli/Sio.Cli.csproj cli_sources=
    local -a options=(-c Release -v quiet -nologo)
    if dotnet_ready "$1"; then
        [[ $2 != all ]] || say 'the C# build: in order'
        return
    fi
    sources=$(dotnet_sources "$1")
    if [[ $1 == tests ]]; then
        project=Sio.slnx
        cli_sources=$(dotnet_sources cli)
    fi
    if [[ -e $build/dotnet.unfinished ]] || older_sources "$build/$1.sources" "$sources"; then
        options+=(--no-incremental)
    fi
    # Servers that outlive the build would take memory from the training that comes next.
    options+=(-nodeReuse:false -p:UseSharedCompilation=false)
    rm -f "$build/"{cli,tests}.sources
    # MSBuild writes over the old files in place, which a training run in another terminal has mapped into its memory.
    rm -f "$root"/src/*/bin/Release/net10.0/Sio*.dll
    say "building $project"
    touch "$build/dotnet.unfinished"
    local built=true
    logged dotnet "$dotnet" build "$root/$project" "${options[@]}" || built=false
    rm -f "$build/dotnet.unfinished"
    $built || exit 1
    write_sources "$build/$1.sources" "$sources"
    [[ $1 == cli ]] || write_sources "$build/cli.sources" "$cli_sources"
}

# Is one of the sources new in the list, yet older than the last good build? MSBuild and Ninja look at times alone, so
# they see neither an older file that was put back nor headers that came with a package.
older_sources() { # FILE SOURCES
    local path
    [[ -f $1 ]] || return
    while read -r path; do
        [[ $path == /* ]] || path=$root/$path
        [[ $path -ot $1 ]] && return
    done < <(LC_ALL=C comm -13 "$1" - <<<"$2" | sed 's/ [^ ]* [^ ]*$//')
    return 1
}

write_sources() { # FILE SOURCES
    printf '%s\n' "$2" >"$1.new"
    mv "$1.new" "$1"
}

setup_do() { # WHAT MODE
    trap 'exit 130' INT # also where the command that Ctrl-C stopped ends in its own way
    if ! mkdir -p "$build" "$HOME" 2>/dev/null || [[ ! -w $build ]]; then
        fail "cannot write to $build, where the program is built"
    fi
    # Two at a time would write over each other; the second finds everything done.
    exec {lock}>"$build/lock"
    if ! flock -n "$lock"; then
        say 'waiting for another set-up to end'
        flock "$lock"
    fi
    if [[ $2 == all ]] || ! dotnet_ready "$1"; then
        setup_sdk "$2" # first: it would be a pity to say it after the long build
    fi
    if [[ $2 == all ]] || ! native_ready || { [[ $2 == data ]] && ! data_is_there; }; then
        setup_packages "$2"
    fi
    setup_native "$2"
    setup_dotnet "$1" "$2"
    exec {lock}>&-
    trap - INT
}
