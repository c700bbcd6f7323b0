// All the providers of these tests, on 127.0.0.1:443, each under its own names: the sandbox's hosts
// file leads there, so that what is asked for is what would be asked for of the real ones.
//
// node server.mjs WORLD       prints "ready" and runs until its standard input ends
//
// WORLD holds server.pem, server.key and keys.json; requests.jsonl is written, a line a request.
import { appendFileSync, readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { providers as recordings } from './presets.mjs';
import { providers as quirks } from './quirks.mjs';
import { atHash, publicPart, renewed, signed } from './tokens.mjs';

const world = process.argv[2];
const keys = JSON.parse(readFileSync(join(world, 'keys.json'), 'utf8'));
const SUBJECT = '248289761001';

// ---- a device flow -------------------------------------------------------------------------------

const many = (replies) => (Array.isArray(replies) ? replies : [replies]);
const pending = { status: 400, body: { error: 'authorization_pending' } };

// What one flow has been asked; the provider's replies are used up one by one, the last never.
class Flow {
  constructor({ device, polls = ['pending'], strict = false, grant }) {
    Object.assign(this, { device, polls, strict, grant, asked: 0, polled: 0, last: 0 });
  }

  code() {
    this.last = Date.now();
    return this.device[Math.min(this.asked++, this.device.length - 1)];
  }

  poll() {
    const early = Date.now() - this.last < 990; // every strict provider says an interval of 1
    this.last = Date.now();
    if (this.strict && early) return { status: 400, body: { error: 'slow_down' } };
    const reply = this.polls[Math.min(this.polled++, this.polls.length - 1)];
    if (reply === 'pending') return pending;
    return reply === 'grant' || reply.grant ? { ...reply.form && { form: true }, status: 200, body: this.grant(reply) } : reply;
  }
}

function grantOf(key, header, claims) {
  return (reply) => {
    const access = 'an-access-token-of-this-flow';
    const body = {
      token_type: 'Bearer',
      expires_in: 3599,
      scope: 'openid',
      access_token: access,
      refresh_token: 'canary-refresh-token',
      id_token: signed(key, header, { at_hash: atHash(access), ...claims() }),
    };
    if (reply.without) delete body[reply.without];
    return body;
  };
}

// ---- what is where -------------------------------------------------------------------------------

const documents = new Map(); // URL -> JSON
const flows = new Map(); // URL -> { flow, answer: 'code' or 'poll' }

function addFlow(endpoints, flow) {
  flows.set(endpoints.device_authorization_endpoint, { flow, answer: 'code' });
  flows.set(endpoints.token_endpoint, { flow, answer: 'poll' });
}

function addRecorded(provider) {
  const { name, discovery, jwks, issuer, device, headers, claims } = provider;
  const key = keys[name];
  // Where the recording has no modulus one is put in, and the key that signs here stands last.
  const published = jwks.keys.map((jwk) => (jwk.n === 'MADE' ? { ...jwk, n: keys.spare.n } : jwk));
  documents.set(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, discovery);
  documents.set(discovery.jwks_uri, { keys: [...published, { use: 'sig', alg: 'RS256', ...publicPart(key), ...provider.keys }] });
  if (device) {
    addFlow({ ...discovery, ...device.endpoints }, new Flow({
      device: [{ status: 200, body: device.reply, pretty: device.pretty }],
      polls: device.polls,
      strict: device.strict,
      grant: grantOf(key, headers.id_token, () => {
        const { at_hash: recordedHash, ...rest } = renewed({ ...claims.id_token, ...device.claims }, 0);
        return rest;
      }),
    }));
  }
}

function quirkDiscovery({ issuer, quirk }) {
  const base = issuer.replace(/\/$/, '');
  return {
    issuer,
    jwks_uri: `${base}/jwks`,
    device_authorization_endpoint: `${base}/device`,
    token_endpoint: `${base}/token`,
    userinfo_endpoint: `${base}/userinfo`,
    ...quirk.endpoints,
  };
}

// A reply over a good one, or in its place.
function quirkCode({ issuer }, given) {
  const { status, headers, body, form, ...members } = given;
  if (status !== undefined) return { status, headers, body, form };
  return {
    status: 200,
    form,
    body: {
      device_code: 'canary-device-code', user_code: 'WDJB-MJHT',
      verification_uri: `${issuer.replace(/\/$/, '')}/activate`, expires_in: 600, interval: 1, ...members,
    },
  };
}

function addQuirk(provider) {
  const { name, issuer, quirk } = provider;
  const discovery = quirkDiscovery(provider);
  const base = issuer.replace(/\/$/, '');
  const key = quirk.key === 'another' ? { ...keys.spare, kid: keys[name].kid } : keys[name];
  const url = new URL(base);
  documents.set(quirk.form === 'rfc8414'
    ? `${url.origin}/.well-known/oauth-authorization-server${url.pathname}`
    : `${base}/.well-known/openid-configuration`, discovery);
  documents.set(`${base}/jwks`, {
    keys: [...quirk.jwks ?? [], { ...publicPart(keys[name]), ...typeof quirk.key === 'object' ? quirk.key : {} }],
  });
  const now = () => Math.floor(Date.now() / 1000);
  addFlow(discovery, new Flow({
    device: many(quirk.device ?? {}).map((reply) => quirkCode(provider, reply)),
    polls: quirk.polls,
    strict: quirk.strict,
    grant: grantOf(key, JSON.stringify({ alg: 'RS256', kid: '', ...quirk.header }), () => ({
      iss: issuer, sub: SUBJECT, aud: 'linux-login', iat: now(), exp: now() + 300, ...quirk.claims,
    })),
  }));
}

recordings.forEach(addRecorded);
quirks.forEach(addQuirk);

// ---- serving -------------------------------------------------------------------------------------

function send(response, { status = 200, headers = {}, body = '', form = false, pretty = false }) {
  const text = form ? new URLSearchParams(body).toString()
    : typeof body === 'string' ? body : JSON.stringify(body, null, pretty ? 3 : 0);
  const type = form ? 'application/x-www-form-urlencoded' : 'application/json';
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text), ...headers });
  response.end(text);
}

async function serve(request, response) {
  const url = `https://${request.headers.host}${request.url}`;
  let body = '';
  for await (const piece of request) body += piece;
  const flow = flows.get(url);
  const { authorization, accept } = request.headers;
  appendFileSync(join(world, 'requests.jsonl'), `${JSON.stringify({
    at: Date.now(), method: request.method, url, body, authorization, accept,
  })}\n`);
  if (flow && request.method === 'POST') return send(response, flow.flow[flow.answer]());
  if (documents.has(url)) return send(response, { body: documents.get(url) });
  return send(response, { status: 404, body: '<h1>Not found</h1>' });
}

createServer({
  cert: readFileSync(join(world, 'server.pem')), key: readFileSync(join(world, 'server.key')), keepAliveTimeout: 120000,
}, serve).listen(443, '127.0.0.1', () => console.log('ready'));
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
