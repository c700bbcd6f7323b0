// What the selftest runs on: a place for two providers, the command line, and
// a clean end whatever happens.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  mkdtempSync, readFileSync, realpathSync, rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ask } from './http.mjs';
import { stop } from './lifecycle.mjs';

const CTL = join(dirname(fileURLToPath(import.meta.url)), 'ctl.mjs');
const COMMAND_LIMIT_MS = 40000; // three attempts to start, and some
const WHOLE_LIMIT_MS = 180000;

const root = mkdtempSync(join(realpathSync(tmpdir()), 'provider-selftest-'));
export const dir = join(root, 'main');
export const other = join(root, 'other');

const commands = new Set();
let over = false; // given up: a command then never answers, and the checks stand still

export const run = (...args) => new Promise((resolve) => {
  if (over) return;
  const options = { timeout: COMMAND_LIMIT_MS };
  const command = execFile(process.execPath, [CTL, ...args], options, (error, stdout, stderr) => {
    commands.delete(command);
    if (over) return;
    resolve({ code: error ? error.code ?? 'killed' : 0, out: stdout.trim(), err: stderr.trim() });
  });
  commands.add(command);
});

export async function ctl(...args) {
  const { code, out, err } = await run(...args);
  assert.equal(code, 0, `ctl ${args.join(' ')}: ${err}`);
  return out;
}

export const file = (name, where = dir) => readFileSync(join(where, name), 'utf8').trim();

export const fetchFrom = (where) => (path, fields) => ask(file('issuer', where) + path, {
  ca: file('ca.pem', where),
  ...(fields && { method: 'POST', body: new URLSearchParams(fields) }),
});

export async function cleanUp() {
  for (const command of commands) command.kill('SIGKILL');
  await stop(dir);
  await stop(other);
  rmSync(root, { recursive: true, force: true });
}

async function giveUp(reason) {
  console.log(`given up: ${reason}`);
  over = true;
  await cleanUp();
  process.exit(1);
}

setTimeout(giveUp, WHOLE_LIMIT_MS, 'the time is over').unref();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, giveUp);
