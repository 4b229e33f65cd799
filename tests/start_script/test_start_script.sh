#!/usr/bin/env bash
# ./wane on machines that do not exist: a copy of the script in an empty folder, and a PATH of stubs that write down how
# they were called. Nothing is downloaded, installed or compiled.
#
#   test_start_script.sh PATH/TO/wane
# shellcheck disable=SC2016,SC2053  # stubs expand when they are called; expectations are patterns
set -uo pipefail

script=$1
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
repo=$place/repo stubs=$place/stubs calls=$place/calls
failures=0

# A fresh repository and machine: a user without root on Debian where all packages are installed and nothing is built.
fresh() {
  rm -rf "${place:?}"/*
  mkdir -p "$repo" "$stubs" "$place/torch/lib" "$place/torch/include/torch/csrc/api/include/torch"
  cp "$script" "$repo/wane"
  touch "$place/torch/lib/libtorch_cpu.so" "$place/torch/include/torch/csrc/api/include/torch/torch.h"
  echo "__version__ = '2.11.0+cu130'" >"$place/torch/version.py"
  local tool
  for tool in bash env readlink dirname mkdir rm tail cut tr awk flock nproc cat touch chmod printf; do
    ln -s "$(type -P "$tool")" "$stubs/$tool"
  done
  stub id 'echo 1000'
  stub dpkg-query 'for word; do [[ $word == -* ]] || echo "$word installed"; done'
  stub apt-get
  stub ccache
  stub ctest 'echo "100% tests passed"'
  stub python3 'exit 1' # no torch, and too old to make an environment
  stub cmake "mkdir -p $repo/build/release/apps; touch $repo/build/release/build.ninja" \
    "printf '%s\n' '#!/usr/bin/env bash' 'echo \"binary in \$PWD: \$*\"; exit 7' >$repo/build/release/apps/wane" \
    "chmod +x $repo/build/release/apps/wane"
  stub ninja 'echo "ninja: no work to do."'
}

stub() { # NAME LINES...
  local name=$1
  shift
  rm -f "$stubs/$name"
  printf '%s\n' "#!$(type -P bash)" "echo \"$name \$*\" >>$calls" "$@" >"$stubs/$name"
  chmod +x "$stubs/$name"
}

start() { # [NAME=VALUE...] -- WORDS: sets out, err, status and called
  local variables=()
  while [[ $1 != -- ]]; do variables+=("$1") && shift; done
  shift
  : >"$calls"
  out=$(cd "$place" && env -i PATH="$stubs" "${variables[@]}" "${entry:-$repo/wane}" "$@" 2>"$place/err" </dev/null)
  status=$?
  err=$(<"$place/err")
  called=$(<"$calls")
}

expect() { # WHAT [!] VALUE PATTERN
  local what=$1 wanted=1
  shift
  [[ $1 == ! ]] && wanted=0 && shift
  local found=0
  [[ $1 == $2 ]] && found=1
  ((found == wanted)) && return
  echo "FAILED: $what: '$2' against:"$'\n'"$1"
  ((++failures))
}

only_ninja() { # WHAT
  expect "$1 calls ninja" "$called" "ninja -C $repo/build/release -j * wane"
  expect "$1 calls nothing else" ! "$called" "*"$'\n'"*"
}

torch="WANE_TORCH=$place/torch"

fresh
start "$torch" -- train x.yaml a2c.gamma=0.5
expect "words, folder and exit status are the binary's" "$status $out" "7 binary in $place: train x.yaml a2c.gamma=0.5"
expect "the first start configures" "$called" "*cmake --preset release -DWANE_TORCH=$place/torch*ninja*"
expect "packages that are there are not installed" ! "$called" "*apt-get*"
expect "the right LibTorch needs no warning" ! "$err" "*warning*"

start "$torch" -- --help
only_ninja "a warm start"
expect "a warm start is silent" "$err" ""

ln -s "$repo/wane" "$place/link"
entry=$place/link start "$torch" -- envs
expect "a symbolic link starts it" "$status $out" "7 binary in $place: envs"

mkdir "$place/other" && cp -r "$place/torch/." "$place/other"
start "WANE_TORCH=$place/other" -- envs
expect "another LibTorch configures again" "$called" "*cmake --preset release -DWANE_TORCH=$place/other*"

start "$torch" -- test -R configs
expect "test builds all, then runs ctest with its words" "$status $out $called" \
  "0 100% tests passed*ninja*all*ctest --test-dir $repo/build/release *-R configs"
expect "test needs the lint's tools" "$called" "dpkg-query *clang-tidy*"
stub ctest 'exit 8'
start "$torch" -- test
expect "test fails when ctest does" "$status" 8

fresh
rm "$stubs/apt-get"
stub dpkg-query 'for word; do [[ $word == -* || $word == n?n* || $word == ccache ]] || echo "$word installed"; done'
start "$torch" -- train
expect "without apt-get: exit 1" "$status" 1
expect "without apt-get: exactly the missing packages" "$err" "*apt-get install ninja-build ccache"$' \n'"*"
expect "without apt-get: nothing is built" ! "$called" "*cmake --preset*"
start "$torch" WANE_PACKAGES=ready -- train
expect "unless the user says that they are there" "$status" 7

fresh
stub dpkg-query 'exit 1'
start "$torch" -- train
expect "not root, no sudo: exit 1" "$status" 1
expect "not root, no sudo: the packages" "$err" "*apt-get install g++ cmake ninja-build*"
expect "not root, no sudo: apt-get is not tried" ! "$called" "*apt-get*"

stub sudo '[[ $1 != -n ]] || exit 1'
start "$torch" -- train
expect "sudo that would ask, and no terminal: exit 1" "$status" 1
stub sudo '[[ $1 != -n ]] || shift' '"$@"'
start "$torch" -- train
expect "sudo without a password installs" "$called" "*sudo apt-get update*apt-get install -y *ninja-build*"
expect "and goes on" "$status" 7

fresh
stub dpkg-query 'for word; do [[ $word == -* || $word == *sdl2* || $word == *imgui* ]] || echo "$word installed"; done'
start "$torch" -- train
expect "where only the viewer's packages are missing, it builds without" "$status $err" \
  "7 *without the viewer; to have it: apt-get install libsdl2-dev libimgui-dev*"
expect "and installs nothing" ! "$called" "*apt-get*"

fresh
stub id 'echo 0'
stub dpkg-query 'for word; do [[ $word == -* || $word == clang-* ]] || echo "$word installed"; done'
start "$torch" -- train
expect "training needs no clang" ! "$called" "*apt-get*"
start "$torch" -- test
expect "root installs what is missing for tests, and no more" "$called" \
  "*apt-get install -y --no-install-recommends clang-format clang-tidy"$'\n'"*"

fresh
stub id 'echo 0'
stub dpkg-query 'exit 1'
stub apt-get 'echo "E: no network"; exit 100'
start "$torch" -- train
expect "a failed stage ends with 1" "$status" 1
expect "a failed stage shows its last lines and names its log" "$err" "*E: no network*build/log/packages-update.log*"
stub apt-get
start "$torch" -- train
expect "and the next start does it again" "$status $called" "7 *apt-get update*"

stub ninja 'exit 1'
start "$torch" -- train
expect "a failed build ends with 1 and names its log" "$status $err" "1 *build/log/build.log*"
start "$torch" -- train
expect "after it the machine is looked at again: something may have been removed" "$called" "*dpkg-query*"

fresh
echo "__version__ = '2.9.1'" >"$place/torch/version.py"
start "$torch" -- train
expect "another version of LibTorch: a warning" "$status $err" "7 *warning*2.9.1*2.11*"
start "WANE_TORCH=$place" -- train
expect "the folder above torch/ will do" "$called" "*-DWANE_TORCH=$place/torch *"
start WANE_TORCH=/nowhere -- train
expect "WANE_TORCH without LibTorch: exit 1" "$status $err" "1 *WANE_TORCH = /nowhere: expected*"

fresh
stub python3 "[[ \$* == *find_spec* ]] && echo $place/torch"
start -- train
expect "the 2.11 that python3 imports is taken" "$status $called" "7 *-DWANE_TORCH=$place/torch *"

# A Python that makes environments; pip in them fetches a LibTorch with CUDA, for there is a stub of nvcc.
python_with_pip() {
  stub nvcc
  stub ldd
  stub pip-python '[[ $* == *"-m pip install"* ]] || exit 1' "packages=$own" \
    'mkdir -p $packages/torch-2.11.0.dist-info && touch $packages/torch-2.11.0.dist-info/RECORD' \
    "cp -r $place/torch \$packages/torch && touch \$packages/torch/lib/libtorch_cuda.so"
  stub python3 '[[ $* != *find_spec* ]] || exit 1' '[[ $* == *"-m venv"* ]] || exit 0' 'mkdir -p "$3/bin"' \
    "cp $stubs/pip-python \$3/bin/python"
  ln -s "$(type -P cp)" "$stubs/cp"
}
own=$repo/.deps/python/lib/python3.12/site-packages

fresh
python_with_pip
start -- train
expect "LibTorch is downloaded, announced and used" "$status $err $called" \
  "7 wane: downloads PyTorch 2.11 with CUDA*-m pip install*torch==2.11.0*-DWANE_TORCH=$own/torch *"
start -- train
only_ninja "a warm start with a LibTorch of its own"
rm -r "$repo/build"
start -- train
expect "once, for another build folder too" ! "$called" "*pip install*"
rm -r "$repo/build" "$repo/.deps/python/complete"
start -- train
expect "an install of somebody else's that is whole is adopted" ! "$called" "*pip install*"
rm -r "$repo/build" "$repo/.deps/python/complete" "$own"/*.dist-info/RECORD
start -- train
expect "what an interrupted pip left is not" "$status $called" "7 *pip install*"
rm -r "$repo/build" "$repo/.deps/python/complete"
stub ldd 'echo "libcudart.so.13 => not found"'
start -- train
expect "nor one that the loader would refuse" "$called" "*pip install*"

fresh
python_with_pip
stub pip-python 'echo "ERROR: no space left"; exit 1'
start -- train
expect "a failed download says why and names its log" "$status $err" "1 *no space left*build/log/libtorch.log*"

fresh
start WANE_PRESET=fast -- train
expect "an unknown preset" "$status $err" "1 *WANE_PRESET = fast: expected release, debug or asan"

((failures == 0)) && echo "all held"
exit "$((failures > 0))"
