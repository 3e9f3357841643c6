// SPDX-License-Identifier: MIT
// Two sessions side by side in Node, and their events: side_by_side.mjs ADDON. The edits come from
// here, Ratchet measures, keeps and reverts; calls wait in libuv's pool of threads.
import assert from 'node:assert';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const addon = createRequire(import.meta.url)(resolve(process.argv[2]));

class Ratchet {
  #lab;
  #pending = new Set();
  #streams = new Set();

  constructor(options = {}) {
    this.#lab = addon.open(JSON.stringify(options));
  }

  /** The answer of a tool as an object; an error answer is thrown, with its code. */
  async call(tool, given = {}) {
    const text = addon.call(this.#lab, tool, JSON.stringify(given));
    this.#pending.add(text);
    const answer = JSON.parse(await text.finally(() => this.#pending.delete(text)));
    if ('error' in answer && 'code' in answer)
      throw Object.assign(new Error(answer.error), { code: answer.code, answer });
    return answer;
  }

  /** Ends the step at work in a session: whoever awaits it gets the code "cancelled". */
  cancel(sessionId) {
    addon.cancel(this.#lab, sessionId);
  }

  /** For `for await`: every event from now on, or after `after_seq`, until it is left. */
  events(filter = {}) {
    const arrived = [];
    let changed = () => {}, open = true;
    const token = addon.subscribe(this.#lab, JSON.stringify(filter), (text) => {
      arrived.push(JSON.parse(text));
      changed();
    });
    const stream = {
      [Symbol.asyncIterator]: () => stream,
      next: async () => {
        while (arrived.length === 0 && open) await new Promise((wake) => (changed = wake));
        const done = arrived.length === 0;
        return { value: arrived.shift(), done };
      },
      return: async () => {
        if (open) addon.unsubscribe(token);
        open = false;
        this.#streams.delete(stream);
        changed();
        return { value: undefined, done: true };
      },
    };
    this.#streams.add(stream);
    return stream;
  }

  /** Ends the streams and waits for the calls under way: cancel them first, or that may be long. */
  async close() {
    for (const stream of this.#streams) await stream.return();
    await Promise.allSettled(this.#pending);
    await addon.close(this.#lab);
  }
}

const script = (x) => `console.log('score:', 100 - (${x} - 7) ** 2)\n`;

function makeRepository(repo) {
  const git = (...given) => execFileSync('git', ['-C', repo, ...given]);
  mkdirSync(repo);
  writeFileSync(join(repo, 'tune.mjs'), script(3));
  git('init', '-q', '-b', 'main');
  git('add', '.');
  git('-c', 'user.name=me', '-c', 'user.email=me@example.org', 'commit', '-qm', 'start');
}

async function search(lab, repo_path, goal_id, candidates) {
  const { session_id } = await lab.call('autoresearch_setup', {
    repo_path, goal_id, target_file: 'tune.mjs', run_command: [process.execPath, 'tune.mjs'] });
  for (const x of candidates) {
    await lab.call('autoresearch_edit', { session_id, hypothesis: `x = ${x}`, content: script(x) });
    await lab.call('autoresearch_run', { session_id });
    await lab.call('autoresearch_decide', { session_id });
  }
  return lab.call('autoresearch_finalize', { session_id, compare: false });
}

async function follow(events, sessions) {
  const kept = {};
  for await (const { type, data } of events)
    if (type === 'autoresearch.promoted') {
      console.log(data.goal_id, 'keeps', data.metric_value);
      (kept[data.goal_id] ??= []).push(data.metric_value);
    } else if (--sessions === 0) {
      break;
    }
  return kept;
}

const folder = mkdtempSync(join(tmpdir(), 'ratchet-node-'));
try {
  const repo = join(folder, 'repo');
  makeRepository(repo);
  const lab = new Ratchet({ state_dir: join(folder, 'state'), slots: 2 });
  const [kept, above, below] = await Promise.all([
    follow(lab.events({ topics: ['*.promoted', '*.completed'] }), 2),
    search(lab, repo, 'from-above', [9, 8]),
    search(lab, repo, 'from-below', [5, 6, 7]),
  ]);
  console.log('branches', above.branch, below.branch);
  assert.deepEqual(kept, { 'from-above': [96, 99], 'from-below': [96, 99, 100] });
  await assert.rejects(lab.call('autoresearch_run', { session_id: above.session_id }),
    { code: 'session_ended' });
  const unread = lab.events();
  await lab.close();
  assert.equal((await unread.next()).done, true);
} finally {
  rmSync(folder, { recursive: true });
}
