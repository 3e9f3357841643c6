// SPDX-License-Identifier: MIT
// A Node host whose workers outlive the runtime they have called: pool.mjs ADDON STATE_DIR.
import { createRequire } from 'node:module';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

const load = createRequire(import.meta.url);

if (!isMainThread) {
  const ratchet = load(workerData.addon);
  parentPort.on('message', (lab) => parentPort.postMessage(ratchet.status(lab)));
} else {
  const [addon, state_dir] = process.argv.slice(2);
  const ratchet = load(addon);
  const lab = ratchet.open(JSON.stringify({ state_dir, slots: 1 }));
  const answered = (worker) =>
    new Promise((done) => worker.once('message', (text) => done(JSON.parse(text))));
  const workers = Array.from(
    { length: 4 }, () => new Worker(new URL(import.meta.url), { workerData: { addon } }));
  const answers = workers.map(answered);
  workers.forEach((worker) => worker.postMessage(lab));
  for (const answer of await Promise.all(answers))
    if (!('active_sessions' in answer)) throw new Error(JSON.stringify(answer));
  const began = performance.now();
  ratchet.close(lab); // while the workers live
  const took_s = (performance.now() - began) / 1000;
  await Promise.all(workers.map((worker) => worker.terminate()));
  if (took_s > 15) throw new Error(`ratchet_close took ${took_s} s`);
  console.log('a pool of Node workers: ok');
}
