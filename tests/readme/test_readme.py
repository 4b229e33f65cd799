#!/usr/bin/env python3
"""Runs every command of README.md, in its order, with the built program and in a temporary folder.

    test_readme.py ROOT WANE

Long ones are made short by overrides at their end; nothing else about them is changed. A command of a kind that is not
known here fails the test: it must be added, not skipped.
"""
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

SHORT_TRAIN = ['train.frames=8192', 'train.envs=8', 'eval.episodes=8', 'eval.every=4096', 'log.every=2048',
               'log.checkpoint_every=2048', 'curriculum.start=1', 'memory.width=16']
SHORT_WORLD = {'configs/corridor.yaml': ['world.length=[3,6]'], 'configs/portal.yaml': ['world.rooms=2'],
               'configs/compare/corridor.yaml': ['world.length=[3,6]'],
               'configs/compare/corridor_million.yaml': ['world.length=[3,6]'],
               'configs/recall.yaml': ['world.pairs=2', 'world.noise=[0,3]'], 'mine/my_world.yaml': []}


def commands(readme):
    """The lines of all ```sh blocks, without comments and continuation marks."""
    for block in re.findall(r'^```sh\n(.*?)^```', readme, re.S | re.M):
        for line in block.replace('\\\n', ' ').splitlines():
            words = shlex.split(line, comments=True)
            if words:
                yield words


def as_run_here(words, wane, runs, here):
    """What to run for a README command, in the folder `here`, or None where this very test is part of it. `runs`: the
    run folders so far."""
    run = str(runs[-1]) if runs else 'runs/none-yet'
    words = [re.sub(r'^runs/[^/ ]+', lambda _: run, word) for word in words]
    if words[:2] == ['git', 'clone'] or words[0] == 'cd' or words[:2] == ['./wane', 'test']:
        return None
    if words[0] == 'python3' and words[1].startswith('docs/'):
        return words
    if words[0] == 'cmake':
        build = str(pathlib.Path(wane).resolve().parents[1])
        return [word.replace('build/release', build).replace('$PWD', str(here)) for word in words]
    if words[0] != './wane':
        raise SystemExit(f'README: no rule for {shlex.join(words)}')
    words = [wane] + words[1:]
    if '--watch' in words or (words[1] == 'watch' and '--terminal' not in words):
        # a window: here without a display, which it must say
        said = 'test $? = 2 && grep -q "no window can be opened here\\|without its viewer" said'
        return ['env', '-u', 'DISPLAY', 'SDL_VIDEODRIVER=x11', 'sh', '-c', f'"$@" 2>said; {said}', 'sh'] + words
    if words[1] == 'watch':
        return words
    if words[1] == 'train' and '--resume' in words:
        return words + ['train.frames=12288']
    if words[1] == 'train':
        return words + SHORT_TRAIN + SHORT_WORLD[words[2]]
    if words[1] == 'compare':
        seeds = [] if '--seeds' in words else ['--seeds', '1']
        return words + SHORT_TRAIN + SHORT_WORLD[words[2]] + seeds + ['--episodes', '8']
    if words[1] == 'eval':
        short = [] if '--episodes' in words else ['--episodes', '8']
        return [word for word in words if not word.startswith(('world.length', 'world.noise'))] + short
    if words[1:3] == ['bench', 'worlds']:
        return words + ['corridor', '--envs', '16']
    if words[1:3] == ['bench', 'memory']:
        return words + ['train.envs=2']
    if words[1] == 'record':
        return words
    if words[1] == 'bench':
        return words + ['--frames', '4096']
    if words[1] == 'play':
        return words + ['--record', 'episode.txt']
    if words[1] in ('check', 'new-world', 'envs', 'config', '--help'):
        return words
    raise SystemExit(f'README: no rule for {shlex.join(words)}')


def main():
    root, wane = pathlib.Path(sys.argv[1]), sys.argv[2]
    ran = 0
    with tempfile.TemporaryDirectory() as folder:
        here = pathlib.Path(folder)
        for part in ('configs', 'docs'):
            shutil.copytree(root / part, here / part)
        for words in commands((root / 'README.md').read_text()):
            runs = sorted((here / 'runs').glob('*'), key=lambda run: run.stat().st_mtime)
            here_words = as_run_here(words, wane, runs, here)
            if here_words is None:
                continue
            done = subprocess.run(here_words, cwd=here, stdin=subprocess.DEVNULL, capture_output=True, text=True)
            print('$', shlex.join(words), '->', done.returncode)
            if done.returncode != 0:
                print(done.stdout, done.stderr)
                raise SystemExit(f'README: this command fails: {shlex.join(words)}')
            ran += 1
        if ran < 5:
            raise SystemExit(f'README: only {ran} commands found; are its blocks marked ```sh?')
    text = (root / 'README.md').read_text()
    for link in re.findall(r'\]\(([^)#]+)\)', text) + re.findall(r'src="([^"]+)"', text):
        if not link.startswith('http') and not (root / link).exists():
            raise SystemExit(f'README: {link} is linked and not there')


if __name__ == '__main__':
    main()
