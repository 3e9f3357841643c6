// SPDX-License-Identifier: MIT
// The official TypeScript SDK, first generation, over stdio: node sdk_v1.mjs RATCHET
import assert from 'node:assert/strict';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { getDefaultEnvironment, StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { wholeLoop, withLaboratory } from './laboratory.mjs';

await withLaboratory(async (lab) => {
  const client = new Client({ name: 'test', version: '0' }, { capabilities: {} });
  await client.connect(new StdioClientTransport({
    command: process.argv[2], args: ['--state-dir', lab.state, 'mcp'], env: getDefaultEnvironment() }));
  assert.equal((await client.listTools()).tools.length, 9);  // and caches the output schemas
  assert.match(client.getInstructions(), /autoresearch_setup/);
  const call = async (name, args) => {
    const result = await client.callTool({ name, arguments: args });
    assert.ok(!result.isError, JSON.stringify(result));
    return result.structuredContent;
  };
  const id = await wholeLoop(lab, call);
  const wrong = await client.callTool({ name: 'autoresearch_run', arguments: { session_id: id } });
  assert.equal(wrong.isError, true);
  const listed = await client.listResources();
  assert.equal(listed.resources.length, 4);
  const read = await client.readResource({ uri: `ratchet://sessions/${id}` });
  assert.equal(JSON.parse(read.contents[0].text).status, 'completed');
  const prompt = await client.getPrompt({ name: 'improve', arguments: { target_file: 'p.txt', run_command: 'cat p.txt' } });
  assert.match(prompt.messages[0].content.text, /p\.txt/);

  // A long run: progress comes, and the client's cancellation ends it.
  const setup = await call('autoresearch_setup', { repo_path: lab.repo, target_file: 'p.txt',
    run_command: `cat p.txt; if [ -e ${lab.folder}/long ]; then echo at work; sleep 300; fi` });
  const session = { session_id: setup.session_id };
  await call('autoresearch_edit', { ...session, content: 'score: 8\n' });
  lab.git('-C', lab.folder, 'init', '-q', 'long');
  const stop = new AbortController();
  const seen = [];
  await assert.rejects(client.callTool({ name: 'autoresearch_run', arguments: session }, undefined,
    { signal: stop.signal, onprogress: (p) => { seen.push(p); stop.abort(); } }));
  assert.match(seen[0].message, /iteration 1/);
  const status = await call('get_autoresearch_status', { ...session, wait_ms: 60000 });
  assert.equal(status.state, 'idle');
  await client.close();
});
console.log('sdk v1: ok');
