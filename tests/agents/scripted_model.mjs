// SPDX-License-Identifier: MIT
//
// A model server whose model knows one thing: to go through Ratchet's whole loop. node
// scripted_model.mjs REPO LOG. It speaks what the four hosts speak (OpenAI's chat completions and
// responses, Anthropic's messages, Gemini's generateContent), prints "listening on http://…", and
// writes every request into LOG, a JSON line each.
//
// The model sees what any model sees: the tools of the request and the results so far. From these it
// takes the names that the host gave the tools, and the session's id.
import {appendFileSync} from 'node:fs';
import {createServer} from 'node:http';

const [repo, log] = process.argv.slice(2);

const steps = [
  ['autoresearch_setup', () => ({repo_path: repo, target_file: 'p.txt', run_command: 'cat p.txt',
                                 edit_backend: 'host', options: {sandbox: 'none'}})],
  ['autoresearch_edit', (id) => ({session_id: id, hypothesis: 'a bigger number scores higher',
                                  edits: [{file: 'p.txt', search: 'score: 5', replace: 'score: 9'}]})],
  ['autoresearch_run', (id) => ({session_id: id})],
  ['autoresearch_decide', (id) => ({session_id: id})],
  ['autoresearch_show', (id) => ({session_id: id, what: 'text'})],
  ['autoresearch_finalize', (id) => ({session_id: id, compare: false})],
];

/// Every string in a request that can be a tool's name, however the host nests them.
function toolNames(value, found = []) {
  if (Array.isArray(value)) for (const item of value) toolNames(item, found);
  else if (value && typeof value === 'object') {
    if (typeof value.name === 'string' && value.name.includes('autoresearch_setup')) found.push(value);
    for (const key of Object.keys(value)) toolNames(value[key], found);
  }
  return found;
}

/// How many of the script's steps have been answered, as the conversation tells it.
function resultsIn(body) {
  const text = JSON.stringify(body.messages ?? body.input ?? body.contents ?? []);
  const count = (pattern) => (text.match(pattern) ?? []).length;
  return {text, results: Math.max(count(/"type":"tool_result"/g), count(/"role":"tool"/g),
                               count(/"type":"function_call_output"/g), count(/"functionResponse":/g))};
}

/// The next call, or the words with which it ends.
function reply(body) {
  const declared = toolNames(body.tools ?? []);
  const deferred = JSON.stringify(body).match(/mcp__ratchet__autoresearch_setup/);
  const search = (body.tools ?? []).some((t) => t.name === 'ToolSearch');
  if (declared.length === 0 && deferred && search) {  // Claude Code loads a server's tools when asked
    const names = steps.map(([name]) => 'mcp__ratchet__' + name).join(',');
    return {call: 'ToolSearch', args: {query: 'select:' + names, max_results: 20}, number: 'search'};
  }
  if (declared.length === 0) return {text: 'Ratchet'};  // a title, a summary: no tools are offered
  const prefix = declared[0].name.replace(/autoresearch_setup$/, '');
  const {text, results} = resultsIn(body);
  const done = results - (text.match(/"name":"ToolSearch"/g) ?? []).length;
  if (done >= steps.length) return {text: 'The loop is done.'};
  const ids = text.match(/session_id\W{1,8}([0-9a-f]{12})/g) ?? [];
  const id = ids.length ? ids[0].slice(-12) : '';
  const [name, args] = steps[done];
  return {call: prefix + name, args: args(id), number: done};
}

const sse = (events) => events.map(([name, data]) =>
  (name ? `event: ${name}\n` : '') + `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`).join('');

function openaiChat(r) {
  const message = r.call
    ? {role: 'assistant', content: null, tool_calls: [{index: 0, id: `call_${r.number}`, type: 'function',
        function: {name: r.call, arguments: JSON.stringify(r.args)}}]}
    : {role: 'assistant', content: r.text};
  const chunk = (delta, finish) => ({id: 'c', object: 'chat.completion.chunk', created: 1, model: 'mock',
    choices: [{index: 0, delta, finish_reason: finish}], usage: {prompt_tokens: 1, completion_tokens: 1, total_tokens: 2}});
  return sse([['', chunk(message, null)], ['', chunk({}, r.call ? 'tool_calls' : 'stop')], ['', '[DONE]']]);
}

function openaiResponses(r, body) {
  // Codex puts the tools of a server into a namespace.
  const namespace = (body.tools ?? []).find((t) => t.type === 'namespace' && toolNames(t).length > 0)?.name;
  const item = r.call
    ? {type: 'function_call', id: `fc_${r.number}`, call_id: `call_${r.number}`, name: r.call,
       ...(namespace ? {namespace} : {}), arguments: JSON.stringify(r.args), status: 'completed'}
    : {type: 'message', id: 'm', role: 'assistant', status: 'completed', content: [{type: 'output_text', text: r.text, annotations: []}]};
  const response = {id: 'r', object: 'response', status: 'completed', output: [item],
    usage: {input_tokens: 1, input_tokens_details: {cached_tokens: 0}, output_tokens: 1,
            output_tokens_details: {reasoning_tokens: 0}, total_tokens: 2}};
  return sse([['response.created', {type: 'response.created', response: {id: 'r'}}],
    ['response.output_item.done', {type: 'response.output_item.done', output_index: 0, item}],
    ['response.completed', {type: 'response.completed', response}]]);
}

function anthropic(r) {
  const block = r.call ? {type: 'tool_use', id: `toolu_${r.number}`, name: r.call, input: {}} : {type: 'text', text: ''};
  const delta = r.call ? {type: 'input_json_delta', partial_json: JSON.stringify(r.args)} : {type: 'text_delta', text: r.text};
  const usage = {input_tokens: 1, output_tokens: 1};
  return sse([
    ['message_start', {type: 'message_start', message: {id: 'm', type: 'message', role: 'assistant', model: 'mock', content: [], stop_reason: null, stop_sequence: null, usage}}],
    ['content_block_start', {type: 'content_block_start', index: 0, content_block: block}],
    ['content_block_delta', {type: 'content_block_delta', index: 0, delta}],
    ['content_block_stop', {type: 'content_block_stop', index: 0}],
    ['message_delta', {type: 'message_delta', delta: {stop_reason: r.call ? 'tool_use' : 'end_turn', stop_sequence: null}, usage}],
    ['message_stop', {type: 'message_stop'}]]);
}

function gemini(r) {
  const part = r.call ? {functionCall: {name: r.call, args: r.args}} : {text: r.text};
  return {candidates: [{content: {role: 'model', parts: [part]}, finishReason: 'STOP', index: 0}],
          usageMetadata: {promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2}};
}

createServer((request, response) => {
  let text = '';
  request.on('data', (part) => text += part);
  request.on('end', () => {
    let body = {};
    try { body = JSON.parse(text || '{}'); } catch { /* not JSON: an empty request */ }
    appendFileSync(log, JSON.stringify({url: request.url, body}) + '\n');
    const events = (out) => response.writeHead(200, {'content-type': 'text/event-stream'}).end(out);
    const json = (out) => response.writeHead(200, {'content-type': 'application/json'}).end(JSON.stringify(out));
    const url = request.url;
    if (url.includes('count_tokens')) return json({input_tokens: 1});
    if (url.includes('countTokens')) return json({totalTokens: 1});
    if (request.method !== 'POST') return json({data: [], models: []});
    const r = reply(body);
    if (url.includes('/chat/completions')) return events(openaiChat(r));
    if (url.includes('/responses')) return events(openaiResponses(r, body));
    if (url.includes('/messages')) return events(anthropic(r));
    if (url.includes('streamGenerateContent')) return events(sse([['', gemini(r)]]));
    if (url.includes('generateContent')) return json(gemini(r));
    return json({});
  });
}).listen(0, '127.0.0.1', function() { console.log(`listening on http://127.0.0.1:${this.address().port}`); });
