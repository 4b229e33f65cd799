#!/usr/bin/env python3
"""What a compiler does not see: who includes whom, format, sizes, names. A line per finding; exits 1 if there is one.

  lint.py ROOT                 includes, sizes, tables, format
  lint.py ROOT --build FOLDER  and names; FOLDER holds compile_commands.json
"""
import argparse
import hashlib
import json
import pathlib
import re
import shlex
import subprocess
import sys

WIDTH, FILE_LINES, HEADER_LINES = 120, 300, 120

# Longer than the limit, each with its reason.
LONG = {
    'configs/settings.h': 'one line per setting of the whole program',
    'envs/wane_world.h': 'the whole C table, which an author of a world in plain C reads in one piece',
    'envs/world_table.h': 'the template that fills the C table: one small function per entry of it',
    'memory/slot_table.h': 'what a table holds, here or on a device, and all that a memory does to it',
    'memory/fused_block.cpp': 'one kernel: forward and backward share what a block of queries sees',
    'envs/check.cpp': 'the list of what every world must keep, in one place',
}

# Room -> what its files may include beside std; '*' is everything. The house's table, in dependency order.
ROOMS = {
    'configs': {'configs', 'yaml-cpp', 'cuda'},
    'envs': {'envs', 'configs', 'cuda'},
    'memory': {'memory', 'configs', 'torch', 'eigen', 'cuda', 'openmp'},
    'agents': {'agents', 'memory', 'envs', 'configs', 'torch', 'eigen'},
    'apps': {'*'},
    'tests': {'*'},
}
# Only the files named by the pattern may include it, whatever their room.
RESERVED = {
    'sdl': r'apps/viewer.*',
    'spdlog': r'apps/.*',
    'cli11': r'apps/.*',
    'cuda': r'(configs/device_launch\.h|envs/device_.*|memory/.*)',
}
# These and all that they include are installed for plug-ins: nothing of configs may be among them.
INSTALLED = ('envs/world.h', 'envs/wane_world.h')

LIBRARIES = (  # the first pattern that matches the included path names its library
    ('torch', r'(torch|ATen|c10|caffe2)/'),
    ('eigen', r'(Eigen|unsupported/Eigen)/'),
    ('openmp', r'omp\.h$'),
    ('cuda', r'(cuda|cublas|cub/|thrust/|cooperative_groups|mma\.h)'),
    ('sdl', r'SDL'),
    ('spdlog', r'spdlog/'),
    ('cli11', r'CLI/'),
    ('std', r'([a-z_0-9]+|(stdint|stddef|string|math)\.h|(unistd|fcntl|poll|signal|dlfcn|pthread)\.h|sys/[a-z_]+\.h)$'),
    ('std', r'(immintrin|x86intrin|arm_neon)\.h$'),
)

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def sources(root):
    for room in ROOMS:
        for path in sorted((root / room).rglob('*')):
            if path.suffix in ('.h', '.cpp', '.cu', '.py', '.sh') and '__pycache__' not in path.parts:
                yield path, path.relative_to(root).as_posix()


def is_cpp(name):
    return name.endswith(('.h', '.cpp', '.cu'))


def includes(path):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            yield number, match[1], match[2]


def library_of(included):
    """A room, a library of LIBRARIES, or the path's first folder."""
    first = included.split('/')[0]
    if '/' in included and first in ROOMS:
        return first
    return next((name for name, pattern in LIBRARIES if re.match(pattern, included)), first)


def check_includes(root):
    for path, name in sources(root):
        if not is_cpp(name):
            continue
        room = name.split('/')[0]
        for line, quote, included in includes(path):
            library, where = library_of(included), f'{name}:{line}: includes {included}: '
            if library in RESERVED and not re.fullmatch(RESERVED[library], name):
                yield where + f'only {RESERVED[library]} may include {library}'
            elif quote == '"' and '/' not in included and room != 'tests':
                yield where + 'write the path from the root of the repository'
            elif not ROOMS[room] & {library, '*'} and library != 'std':
                yield where + f'{room}/ may include std, {", ".join(sorted(ROOMS[room]))}, not {library}'
            elif included == 'torch/torch.h':
                yield where + 'it costs every file 10 s; name what is used: torch/types.h, torch/nn/module.h, ...'


def check_installed(root):
    to_visit, reached = [name for name in INSTALLED if (root / name).exists()], {}
    while to_visit:
        name = to_visit.pop()
        if name in reached:
            continue
        reached[name] = True
        for line, _, included in includes(root / name):
            if library_of(included) == 'configs':
                yield f'{name}:{line}: includes {included}: {name} is installed, and configs/ is not'
            elif (root / included).exists():
                to_visit.append(included)


TABLE = re.compile(r"(inline constexpr|constexpr|  static constexpr) (?!const char)[^()]*"
                   r"(\[[^]]*\] =|\barray<[^(]*=|\bauto k[^(]*= \[\])")


def check_tables(root):
    """nvcc drops constexpr tables of a namespace or class from kernels, without a word."""
    for path, name in sources(root):
        if name.startswith('envs/minigrid') and name.endswith('.h') or 'WANE_WORLD(' in path.read_text():
            for number, line in enumerate(path.read_text().splitlines(), 1):
                if TABLE.match(line):
                    yield f'{name}:{number}: a table that kernels would not find: put it inside a constexpr function'


def check_sizes(root):
    for path, name in sources(root):
        lines = path.read_text().splitlines()
        limit = HEADER_LINES if name.endswith('.h') else FILE_LINES
        if len(lines) > limit and name not in LONG:
            yield f'{name}: {len(lines)} lines, over {limit}: split it by concept, or give the reason in {__file__}'
        for number, line in enumerate(lines, 1):
            if len(line) > WIDTH:
                yield f'{name}:{number}: {len(line)} columns, over {WIDTH}'
        if name.endswith('.h') and '#pragma once' not in lines:
            yield f'{name}: no #pragma once'
        if is_cpp(name) and not re.fullmatch(r'[a-z0-9_]+\.(h|cpp|cu)', path.name):
            yield f'{name}: file names are snake_case'
    for name in LONG:
        if not (root / name).exists():
            yield f'{name}: has a reason to be long, but does not exist'


def check_format(root):
    names = [name for _, name in sources(root) if is_cpp(name)]
    done = subprocess.run(['clang-format', '--dry-run', '-Werror', '--ferror-limit=1', *names], cwd=root,
                          capture_output=True, text=True)
    for line in done.stderr.splitlines():
        if 'error: ' in line:
            yield line.split('error: ')[0] + f'format; clang-format -i {line.split(":")[0]}'
    if done.returncode and 'error: ' not in done.stderr:
        yield f'clang-format failed: {done.stderr}'


def flags_of(entries):
    """What clang needs of the compiler's words to read the files: where headers are, macros, the language."""
    kept = []
    for entry in entries:
        words = iter(shlex.split(entry['command']))
        for word in words:
            flag = (word, next(words)) if word == '-isystem' else (word,)
            if re.match(r'-isystem|-I|-D|-std=', word) and flag not in kept:
                kept.append(flag)
    return [word for flag in kept for word in flag]


def check_names(root, build):
    """A room at a time, as one file that includes all others: clang-tidy spends seconds on LibTorch per file read.
    Clang is only asked for names; that it cannot compile all that g++ can, nor two files as one, is no finding."""
    commands = json.loads((build / 'compile_commands.json').read_text())
    (build / 'lint').mkdir(exist_ok=True)
    clean, read = build / 'lint' / 'clean', hashlib.sha256(json.dumps(commands).encode())
    for path in (root / '.clang-tidy', *(path for path, name in sources(root) if is_cpp(name))):
        read.update(path.read_bytes())
    if clean.exists() and clean.read_text() == read.hexdigest():
        return
    running, found = [], []
    for room in sorted(set(ROOMS) - {'tests'}):
        entries = [entry for entry in commands if entry['file'].endswith('.cpp')
                   and pathlib.Path(entry['file']).resolve().parent == root / room]
        if entries:
            whole = build / 'lint' / f'{room}.cpp'
            whole.write_text(''.join(f'#include "{entry["file"]}"\n' for entry in entries))
            words = ['clang-tidy', '--quiet', whole, f'--config-file={root}/.clang-tidy', '--',
                     *flags_of(entries), '-ferror-limit=0', '-w', f'-I{root}']
            running.append(subprocess.Popen(words, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
    if not running:
        found.append(f'{build}/compile_commands.json names no file of {root}')
    for process in running:
        out, err = process.communicate()
        for line in sorted(set(out.splitlines())):
            if line.startswith(f'{root}/') and 'readability-identifier-naming' in line:
                found.append(line.removeprefix(f'{root}/'))
        if process.returncode and 'clang-diagnostic-error' not in out:
            found.append(f'clang-tidy failed: {err}')
    if not found:
        clean.write_text(read.hexdigest())
    yield from found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('root', type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument('--build', type=lambda text: pathlib.Path(text).resolve())
    options = parser.parse_args()
    findings = [*check_includes(options.root), *check_installed(options.root), *check_sizes(options.root),
                *check_tables(options.root), *check_format(options.root)]
    if options.build:
        findings += check_names(options.root, options.build)
    print(*findings, f'lint: {len(findings)} findings', sep='\n')
    return bool(findings)


if __name__ == '__main__':
    sys.exit(main())
