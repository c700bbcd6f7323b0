// The one command that tests use to run and steer the test provider.

import {
  existsSync, readFileSync, realpathSync, truncateSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { deviceFlow } from './flow.mjs';
import { ask } from './http.mjs';
import { read, start, stop } from './lifecycle.mjs';
import { walkBack, walkPages } from './pages.mjs';
import { DEFAULTS, USERS } from './settings.mjs';
import { Trouble } from './trouble.mjs';

const USAGE = `usage: node ctl.mjs COMMAND DIR ...
  start DIR [--host H] [--port N] [--device-ttl S] [--token-ttl S] [--issuer-path P]   prints the issuer
  stop DIR
  token DIR USER [--client C] [--scope S] [--resource R] [--id-token] [--alg A]
  approve DIR URL USERCODE USER
  deny DIR URL USERCODE USER
  browse DIR URL USER [--deny]   signs in at URL and comes back to this machine; prints the last title
  mint DIR JSON       prints a token: {"key", "header", "payload"}
  rotate DIR          new signing keys, the old ones are gone
  jwks DIR            prints the public keys
  inject DIR JSON     {"device", "token", "documents", "alg"}
  clear DIR           forgets all injections
  requests DIR        prints the log of connections and requests
  forget DIR          empties that log
README.md beside this file has the JSON forms and examples.
`;

class UsageError extends Error {}

function needed(dir, name) {
  const value = read(dir, name);
  if (value === undefined) throw new Trouble(join(dir, name), 'does not exist', `run: ctl.mjs start ${dir}`);
  return value;
}

async function control(dir, operation, body = '') {
  const socketPath = join(dir, 'control.sock');
  let reply;
  try {
    reply = await ask(`http://control/${operation}`, { method: 'POST', socketPath, body });
  } catch (error) {
    throw new Trouble(socketPath, error.message, `run: ctl.mjs start ${dir}`);
  }
  if (reply.status !== 200) throw new Trouble(operation, reply.body, 'README.md has the forms');
  return reply.body;
}

function checkUser(user) {
  if (!USERS[user]) throw new Trouble(`user ${user}`, 'is unknown', `use one of ${Object.keys(USERS).join(', ')}`);
}

async function token(dir, user, options) {
  checkUser(user);
  const wantsAccessToken = !options['id-token'];
  const setAlg = (alg) => control(dir, 'inject', JSON.stringify({ alg }));

  const before = options.alg && JSON.parse(await setAlg(options.alg)).alg;
  try {
    const reply = await deviceFlow({
      ca: needed(dir, 'ca.pem'),
      issuer: needed(dir, 'issuer'),
      user,
      client: options.client ?? DEFAULTS.client,
      scope: options.scope ?? DEFAULTS.scope,
      // Without a resource the access token is opaque, so one is always named for it.
      resource: options.resource ?? (wantsAccessToken ? DEFAULTS.resource : undefined),
    });
    const name = wantsAccessToken ? 'access_token' : 'id_token';
    if (!reply[name]) throw new Trouble(name, 'is missing from the reply', 'ask for the scope openid');
    return reply[name];
  } finally {
    if (before) await setAlg(before);
  }
}

function walk(dir, url, userCode, user, deny) {
  checkUser(user);
  return walkPages(needed(dir, 'ca.pem'), url, { userCode, user, deny });
}

function checkedStart(options) {
  for (const name of ['port', 'device-ttl', 'token-ttl']) {
    if (!/^[1-9]\d*$/.test(options[name] ?? '1')) throw new UsageError(`--${name} takes a number above 0`);
  }
  if (!/^[a-z0-9.-]+$/.test(options.host ?? 'localhost')) throw new UsageError('--host takes a name');
  if (!/^(\/[\w.-]+)*$/.test(options['issuer-path'] ?? '')) {
    throw new UsageError('--issuer-path looks like /realms/test');
  }
  return options;
}

const logFile = (dir) => join(dir, 'requests.log');
const string = { type: 'string' };

// Words after DIR, options, and what it does.  What it resolves to is printed.
const COMMANDS = {
  start: {
    options: { host: string, port: string, 'device-ttl': string, 'token-ttl': string, 'issuer-path': string },
    run: (dir, options) => start(dir, checkedStart(options)),
  },
  stop: { run: (dir) => stop(dir) },
  token: {
    words: ['USER'],
    options: { client: string, scope: string, resource: string, alg: string, 'id-token': { type: 'boolean' } },
    run: (dir, options, user) => token(dir, user, options),
  },
  approve: {
    words: ['URL', 'USERCODE', 'USER'],
    run: (dir, options, url, code, user) => walk(dir, url, code, user, false),
  },
  deny: {
    words: ['URL', 'USERCODE', 'USER'],
    run: (dir, options, url, code, user) => walk(dir, url, code, user, true),
  },
  browse: {
    words: ['URL', 'USER'],
    options: { deny: { type: 'boolean' } },
    run: (dir, { deny }, url, user) => walkBack(needed(dir, 'ca.pem'), url, { user, deny }),
  },
  mint: { words: ['JSON'], run: (dir, options, json) => control(dir, 'mint', json) },
  rotate: { run: async (dir) => { await control(dir, 'rotate'); } },
  jwks: { run: (dir) => control(dir, 'jwks') },
  inject: { words: ['JSON'], run: async (dir, options, json) => { await control(dir, 'inject', json); } },
  clear: { run: async (dir) => { await control(dir, 'clear'); } },
  requests: { run: (dir) => (existsSync(logFile(dir)) ? readFileSync(logFile(dir), 'utf8').trimEnd() : '') },
  forget: { run: (dir) => { if (existsSync(logFile(dir))) truncateSync(logFile(dir)); } },
};

function parseCommand([name, ...rest]) {
  if (!Object.hasOwn(COMMANDS, name ?? '')) throw new UsageError(`there is no command '${name ?? ''}'`);
  const { options = {}, words = [], run } = COMMANDS[name];
  let parsed;
  try {
    parsed = parseArgs({ args: rest, options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error.message);
  }
  const { positionals: [dir, ...given], values } = parsed;
  if (!dir || given.length !== words.length) {
    throw new UsageError(`${name} takes ${['DIR', ...words].join(' ')}`);
  }
  // One name for a directory, however it is reached: stop finds its process by it.
  return () => run(existsSync(dir) ? realpathSync(dir) : resolve(dir), values, ...given);
}

try {
  const output = await parseCommand(process.argv.slice(2))();
  if (output) console.log(output);
} catch (error) {
  const isUsage = error instanceof UsageError;
  process.stderr.write(`ctl.mjs: ${error.message}\n${isUsage ? USAGE : ''}`);
  process.exitCode = isUsage ? 2 : 1;
}
