// SPDX-License-Identifier: MIT
// A repository whose experiment prints a number from a file, and the whole loop of tools on it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export function withLaboratory(work) {
  const folder = mkdtempSync(join(tmpdir(), 'ratchet-host-'));
  const repo = join(folder, 'repo');
  const git = (...args) => execFileSync('git', ['-C', folder, ...args], { encoding: 'utf8' });
  git('init', '-q', '-b', 'main', 'repo');
  writeFileSync(join(repo, 'p.txt'), 'score: 5\n');
  git('-C', repo, 'add', '.');
  git('-C', repo, '-c', 'user.name=t', '-c', 'user.email=t@t', 'commit', '-qm', 'start');
  const finish = () => rmSync(folder, { recursive: true, force: true });
  return Promise.resolve(work({ folder, repo, state: join(folder, 'state'), git })).finally(finish);
}

/** `call(tool, arguments)` gives the structured answer. */
export async function wholeLoop(lab, call) {
  const setup = await call('autoresearch_setup',
    { repo_path: lab.repo, target_file: 'p.txt', run_command: 'cat p.txt' });
  assert.equal(setup.baseline_metric, 5);
  const id = { session_id: setup.session_id };
  for (const [value, decision] of [[9, 'kept'], [7, 'reverted']]) {
    const edited = await call('autoresearch_edit',
      { ...id, hypothesis: `try ${value}`, edits: [{ file: 'p.txt', search: value === 9 ? '5' : '9', replace: String(value) }] });
    assert.equal(edited.success, true);
    const run = await call('autoresearch_run', id);
    assert.equal(run.metric_value, value);
    assert.equal((await call('autoresearch_decide', id)).decision, decision);
  }
  const end = await call('autoresearch_finalize', id);
  assert.equal(end.best_metric, 9);
  assert.match(lab.git('-C', lab.repo, 'show', `${end.branch}:p.txt`), /score: 9/);
  return setup.session_id;
}
