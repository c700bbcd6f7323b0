// The process that ctl starts: the OpenID provider ISSUER on 127.0.0.1,
// and a control socket for what only tests may ask.
//
//   node provider.mjs DIR PORT ISSUER [--device-ttl S] [--token-ttl S]
//
// DIR holds the certificates.  The provider adds jwks.json, requests.log (a
// line CONNECT for each TCP connection, METHOD PATH for each request) and
// control.sock.

import { randomBytes } from 'node:crypto';
import {
  appendFileSync, existsSync, readFileSync, rmSync,
} from 'node:fs';
import { createServer as createControlServer } from 'node:http';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Injections } from './injections.mjs';
import { makeProvider } from './issuer.mjs';
import { loadKeys, makeKeys, mint, publicKeys, saveKeys } from './keys.mjs';
import { DEFAULTS } from './settings.mjs';

const { positionals: [dir, port, issuer], values: options } = parseArgs({
  allowPositionals: true,
  options: {
    'device-ttl': { type: 'string', default: String(DEFAULTS.deviceTtl) },
    'token-ttl': { type: 'string', default: String(DEFAULTS.tokenTtl) },
  },
});

const issuerPath = new URL(issuer).pathname.replace(/\/$/, '');
const at = (name) => join(dir, name);

// What this process writes (keys, socket) is its owner's alone.
process.umask(0o077);

let jwks = await loadKeys(at('jwks.json'));
const injections = new Injections();
const cookieKeys = [randomBytes(32).toString('hex')];

// Providers by algorithm, made when first needed and anew after a rotation.
const handlers = new Map();
function currentHandler() {
  const { alg } = injections;
  if (!handlers.has(alg)) {
    handlers.set(alg, makeProvider({
      issuer,
      jwks,
      alg,
      deviceTtl: Number(options['device-ttl']),
      tokenTtl: Number(options['token-ttl']),
      cookieKeys,
      injections,
    }).callback());
  }
  return handlers.get(alg);
}

// Written before the request is served: whoever has the reply finds the line.
const log = (line) => appendFileSync(at('requests.log'), `${line}\n`);

function serve(req, res) {
  const [path] = req.url.split('?');
  log(`${req.method} ${path}`);
  if (!path.startsWith(`${issuerPath}/`)) {
    res.writeHead(404).end();
    return;
  }
  // oidc-provider finds where it is mounted by comparing these two.
  req.originalUrl = req.url;
  req.url = req.url.slice(issuerPath.length);
  currentHandler()(req, res);
}

const operations = {
  jwks: () => publicKeys(jwks),
  mint: (request) => mint(request, jwks, issuer),
  inject: (request) => injections.inject(request),
  clear: () => injections.clear(),
  async rotate() {
    jwks = await makeKeys();
    saveKeys(at('jwks.json'), jwks);
    handlers.clear();
    return publicKeys(jwks);
  },
};

async function control(req, res) {
  try {
    const name = req.url.slice(1);
    if (!Object.hasOwn(operations, name)) throw new Error(`there is no operation '${name}'`);
    let text = '';
    for await (const chunk of req) text += chunk;
    const result = await operations[name](text ? JSON.parse(text) : {});
    res.end(typeof result === 'string' ? result : JSON.stringify(result) ?? '');
  } catch (error) {
    res.writeHead(400).end(error.message);
  }
}

function stop() {
  rmSync(at('control.sock'), { force: true });
  process.exit(0);
}

currentHandler(); // a mistake in the configuration ends the start, not a request
rmSync(at('control.sock'), { force: true });
createControlServer(control).listen(at('control.sock'));
createServer({ cert: readFileSync(at('server.pem')), key: readFileSync(at('server.key')) }, serve)
  .on('connection', () => log('CONNECT'))
  .listen(Number(port), '127.0.0.1');
// A test that was killed sweeps its directory away but stops nobody.
setInterval(() => { if (!existsSync(at('server.pem'))) process.exit(1); }, 2000);
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
