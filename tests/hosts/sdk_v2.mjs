// SPDX-License-Identifier: MIT
// The official TypeScript client, second generation, in its three ways to settle the revision:
// node sdk_v2.mjs RATCHET
import assert from 'node:assert/strict';
import { Client } from '@modelcontextprotocol/client';
import { getDefaultEnvironment, StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { wholeLoop, withLaboratory } from './laboratory.mjs';

for (const mode of ['legacy', 'auto', { pin: '2026-07-28' }]) {
  await withLaboratory(async (lab) => {
    const client = new Client({ name: 'test', version: '0' }, { capabilities: {}, versionNegotiation: { mode } });
    await client.connect(new StdioClientTransport({
      command: process.argv[2], args: ['--state-dir', lab.state, 'mcp'], env: getDefaultEnvironment() }));
    assert.equal((await client.listTools()).tools.length, 9);
    const id = await wholeLoop(lab, async (name, args) => {
      const result = await client.callTool({ name, arguments: args });
      assert.ok(!result.isError, JSON.stringify(result));
      return result.structuredContent;
    });
    const read = await client.readResource({ uri: `ratchet://sessions/${id}/report` });
    assert.equal(JSON.parse(read.contents[0].text).session.best_metric, 9);
    await client.close();
  });
  console.log(`client v2, ${JSON.stringify(mode)}: ok`);
}
