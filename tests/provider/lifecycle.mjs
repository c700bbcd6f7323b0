// Starting and stopping the provider's process.  DIR remembers the issuer, so
// that a provider comes back under the address it had.

import { spawn } from 'node:child_process';
import {
  chmodSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, realpathSync, rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { makeCertificates } from './certs.mjs';
import { ask } from './http.mjs';
import { Trouble } from './trouble.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const PROVIDER = join(HERE, 'provider.mjs');
const START_ATTEMPTS = 3; // about one start in 190 hangs before it listens
const START_DEADLINE_MS = 10000;
const STOP_PATIENCE_MS = 3000;
const SOCKET_PATH_MAX = 107; // sun_path without its NUL

export const read = (dir, name) => {
  const file = join(dir, name);
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
};

// The pid of this directory's provider, if it runs.  The command line is
// compared so that a number used again never gets our signal.
function runningPid(dir) {
  const pid = read(dir, 'pid');
  const commandLine = pid && read(`/proc/${pid}`, 'cmdline');
  const [, script, itsDir] = commandLine?.split('\0') ?? [];
  return script?.endsWith('/provider.mjs') && itsDir === dir ? Number(pid) : undefined;
}

function canListen(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.on('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

// Below the range from which the kernel takes ports for outgoing connections:
// between a stop and a start nothing but another server can take it.
async function freePort() {
  for (let tries = 0; tries < 100; tries += 1) {
    const port = 20000 + Math.floor(Math.random() * 10000);
    if (await canListen(port)) return port;
  }
  throw new Trouble('port', 'no free one between 20000 and 29999', 'give one with --port');
}

async function answersDiscovery(issuer, ca) {
  try {
    const reply = await ask(`${issuer}/.well-known/openid-configuration`, { ca, timeout: 2000 });
    return reply.status === 200 && JSON.parse(reply.body).issuer === issuer;
  } catch {
    return false; // not yet
  }
}

// One attempt: true when the provider answers, false when it ended or hung.
async function attempt(dir, issuer, providerArguments) {
  const log = openSync(join(dir, 'provider.log'), 'a', 0o600);
  const child = spawn(process.execPath, [PROVIDER, dir, ...providerArguments], {
    cwd: HERE, detached: true, stdio: ['ignore', log, log],
  });
  closeSync(log);
  let ended = false;
  child.on('exit', () => { ended = true; });
  child.on('error', () => { ended = true; });

  let answers = false;
  try {
    writeFileSync(join(dir, 'pid'), `${child.pid}\n`);
    const ca = readFileSync(join(dir, 'ca.pem'));
    const deadline = Date.now() + START_DEADLINE_MS;
    while (!answers && !ended && Date.now() < deadline) {
      answers = await answersDiscovery(issuer, ca);
      if (!answers) await sleep(30);
    }
  } finally {
    if (!answers) {
      child.kill('SIGKILL');
      rmSync(join(dir, 'pid'), { force: true });
    }
  }
  child.unref();
  return answers;
}

function checkPlace(dir) {
  if (!existsSync(join(HERE, 'node_modules', 'oidc-provider'))) {
    throw new Trouble('oidc-provider', 'is not installed', `run npm ci in ${HERE}`);
  }
  if (join(dir, 'control.sock').length > SOCKET_PATH_MAX) {
    throw new Trouble(dir, 'is too long a path for a socket', 'use a directory nearer to the root');
  }
  if (runningPid(dir)) throw new Trouble(dir, 'its provider runs already', 'stop it first');
}

function makeDirectory(dir) {
  if (existsSync(dir)) return;
  mkdirSync(dir, { recursive: true });
  chmodSync(dir, 0o755); // the fetcher's own user reads ca.pem in it
}

// options: host, port, issuer-path, device-ttl, token-ttl, each a string or absent.
export async function start(givenDir, options) {
  makeDirectory(givenDir);
  const dir = realpathSync(givenDir); // as ctl.mjs names it from now on
  checkPlace(dir);
  const before = read(dir, 'issuer') && new URL(read(dir, 'issuer'));
  const host = options.host ?? before?.hostname ?? 'localhost';
  makeCertificates(dir, host);
  const fixedPort = options.port ?? (before && (before.port || '443'));
  const issuerPath = options['issuer-path'] ?? before?.pathname.replace(/\/$/, '') ?? '';
  if (fixedPort && !await canListen(fixedPort)) {
    throw new Trouble(`port ${fixedPort}`, 'is taken', 'stop what listens there or give another --port');
  }

  const ttls = ['device-ttl', 'token-ttl'].filter((name) => options[name])
    .flatMap((name) => [`--${name}`, options[name]]);
  for (let attempts = 0; attempts < START_ATTEMPTS; attempts += 1) {
    const port = fixedPort ?? await freePort();
    // an issuer is spelt without the port that goes without saying
    const issuer = new URL(`https://${host}:${port}`).origin + issuerPath;
    if (await attempt(dir, issuer, [String(port), issuer, ...ttls])) {
      writeFileSync(join(dir, 'port'), `${port}\n`);
      writeFileSync(join(dir, 'issuer'), `${issuer}\n`);
      return issuer;
    }
  }
  throw new Trouble('provider', `did not start in ${START_ATTEMPTS} attempts`, `read ${join(dir, 'provider.log')}`);
}

export async function stop(dir) {
  const pid = runningPid(dir);
  if (pid) {
    process.kill(pid, 'SIGTERM');
    const patience = Date.now() + STOP_PATIENCE_MS;
    while (runningPid(dir) && Date.now() < patience) await sleep(20);
    if (runningPid(dir)) process.kill(pid, 'SIGKILL');
    while (runningPid(dir)) await sleep(20);
  }
  rmSync(join(dir, 'pid'), { force: true });
  rmSync(join(dir, 'control.sock'), { force: true });
}
