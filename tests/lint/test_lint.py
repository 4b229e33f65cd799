#!/usr/bin/env python3
"""Plants one fault after the other in an otherwise clean tree; lint.py must name each, and nothing in the clean one."""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import lint

HERE = pathlib.Path(__file__).resolve().parent
HEADER = '#pragma once\n'


class Lint(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.root)
        for name in ('.clang-format', '.clang-tidy'):
            shutil.copy(HERE.parent.parent / name, self.root)
        for name in lint.LONG:
            self.plant(name, HEADER if name.endswith('.h') else '')
        self.plant('configs/error.h', HEADER)
        self.plant('envs/world.h', HEADER + '#include <array>\n#include "envs/rng.h"\n')
        self.plant('envs/rng.h', HEADER)
        self.plant('envs/batch.cpp', '#include <vector>\n\n#include "configs/error.h"\n#include "envs/world.h"\n')
        self.plant('memory/a.cpp', '#include <torch/types.h>\n#include <unistd.h>\n\n#include "configs/error.h"\n')
        self.plant('apps/main.cpp', '#include <spdlog/spdlog.h>\n\n#include <CLI/CLI.hpp>\n\n#include "memory/a.h"\n')
        self.plant('apps/viewer_window.cpp', '#include <SDL2/SDL.h>\n')

    def plant(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def lint(self, *options):
        done = subprocess.run([sys.executable, HERE / 'lint.py', self.root, *options], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0 if done.stdout == 'lint: 0 findings\n' else 1, done.stdout + done.stderr)
        return done.stdout

    def found(self, name, text, expected):
        self.plant(name, text)
        findings = self.lint().splitlines()[:-1]
        self.assertEqual(len(findings), 1, findings)
        self.assertIn(expected, findings[0])

    def test_a_clean_tree_has_no_findings(self):
        self.assertEqual(self.lint(), 'lint: 0 findings\n')

    def test_envs_sees_no_tensor(self):
        self.found('envs/w.cpp', '#include <torch/torch.h>\n', 'includes torch/torch.h: envs/ may include std')

    def test_a_tensor_in_quotes(self):
        self.found('envs/w.cpp', '\n#include "ATen/ATen.h"\n', 'envs/w.cpp:2: includes ATen/ATen.h')

    def test_all_of_libtorch(self):
        self.found('agents/w.cpp', '#include <torch/torch.h>\n', 'costs every file 10 s')

    def test_memory_sees_no_world(self):
        self.found('memory/b.cpp', '#include "envs/world.h"\n', 'memory/ may include std, configs')

    def test_nobody_sees_what_lies_behind(self):
        self.found('agents/a.cpp', '#include "apps/run_log.h"\n', 'agents/ may include')

    def test_configs_sees_no_room(self):
        self.found('configs/a.cpp', '#include "envs/world.h"\n', 'configs/ may include std')

    def test_an_unknown_library(self):
        self.found('envs/w.cpp', '#include <boost/any.hpp>\n', 'not boost')

    def test_only_apps_print(self):
        self.found('agents/a.cpp', '#include <spdlog/spdlog.h>\n', 'only apps/.* may include spdlog')

    def test_only_apps_parse_arguments(self):
        self.found('tests/a.cpp', '#include <CLI/CLI.hpp>\n', 'only apps/.* may include cli11')

    def test_only_the_viewer_opens_windows(self):
        self.found('apps/train.cpp', '#include <SDL2/SDL.h>\n', 'only apps/viewer.* may include sdl')

    def test_installed_headers_reach_no_configs(self):
        self.found('envs/rng.h', HEADER + '#include "configs/error.h"\n', 'envs/rng.h is installed')

    def test_only_the_devices_files_see_cuda(self):
        only = r'only (configs/device_launch\.h|envs/device_.*|memory/.*) may include cuda'
        self.found('envs/w.cpp', '#include <cuda_runtime.h>\n', only)

    def test_tables_that_kernels_would_not_find(self):
        world = 'WANE_WORLD(A, "a", "a", kPage)\n'
        for table in ('constexpr int kPlaces[] = {1, 2};', 'constexpr auto kBytes = [] { return 1; }();',
                      'constexpr std::array<int, 2> kPair = {1, 2};'):
            self.found('envs/w.cpp', table + '\n' + world, 'envs/w.cpp:1: a table that kernels would not find')
        inside = 'constexpr int place(int i) {\n  constexpr int kPlaces[] = {1, 2};\n  return kPlaces[i];\n}\n'
        self.plant('envs/w.cpp', 'constexpr const char* kNames[] = {"a"};\n' + inside + world)
        self.assertEqual(self.lint(), 'lint: 0 findings\n')

    def test_paths_start_at_the_root(self):
        self.found('envs/w.cpp', '#include "world.h"\n', 'write the path from the root')

    def test_long_files(self):
        self.found('memory/b.cpp', '//\n' * 301, 'memory/b.cpp: 301 lines, over 300')

    def test_long_headers(self):
        self.found('memory/b.h', HEADER + '//\n' * 120, 'memory/b.h: 121 lines, over 120')

    def test_wide_lines(self):
        self.found('memory/b.cpp', '// ' + 'x' * 118 + '\n', 'memory/b.cpp:1: 121 columns')

    def test_unguarded_headers(self):
        self.found('memory/b.h', '//\n', 'no #pragma once')

    def test_file_names(self):
        self.found('memory/Table.cpp', '//\n', 'snake_case')

    def test_format(self):
        self.found('memory/b.cpp', 'int  *a;\n', 'clang-format -i memory/b.cpp')

    def test_names(self):
        cases = {
            'void DoThat();': 'DoThat', 'int aB = 0;': 'aB', 'struct slot {};': 'slot', 'const int most = 1;': 'most',
            'class A {\n  int open;\n};': 'open', 'void f(int Steps);': 'Steps', '#define Many 1': 'Many',
        }
        good = ('struct Slot {\n  int birth;\n};\nclass Table {\n  int size_;\n};\nconst int kMost = 1;\n'
                'void grow(int B, int slots);\n')
        entries = [{'directory': str(self.root), 'file': str(self.root / name), 'command': f'c++ -c {name}'}
                   for name in ('envs/batch.cpp', 'envs/n.cpp')]
        self.plant('build/compile_commands.json', json.dumps(entries))
        self.plant('envs/n.cpp', '#include "envs/rng.h"\n')
        for place in ('envs/n.cpp', 'envs/rng.h'):
            clean = (self.root / place).read_text()
            for text, name in {good: None, **cases, good + '\n': None}.items():
                self.plant(place, clean + text + '\n')
                found = [line for line in self.lint('--build', self.root / 'build').splitlines() if 'naming' in line]
                self.assertEqual(len(found), 0 if name is None else 1, (place, text, found))
                self.assertIn(f"'{name}'" if name else '', ''.join(found))
            self.plant(place, clean)


if __name__ == '__main__':
    unittest.main()
