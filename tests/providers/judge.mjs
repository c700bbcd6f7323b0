// What came of it: node judge.mjs WORLD LOG [PATTERN]. Prints a line for each test and the count.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cases as presetCases, providers as recordings } from './presets.mjs';
import { cases as quirkCases, providers as quirks } from './quirks.mjs';
import { serviceOf } from './tokens.mjs';

const [world, logFile, only = ''] = process.argv.slice(2);
const read = (...names) => readFileSync(join(world, ...names), 'latin1');
const log = readFileSync(logFile, 'latin1').split('\n').filter((line) => line.includes('event='));
const requests = read('requests.jsonl').split('\n').filter(Boolean).map((line) => JSON.parse(line));
const providers = [...recordings, ...quirks];
const cases = [...presetCases, ...quirkCases].filter(({ name }) => name.includes(only));

const secret = read('secret').trimEnd();

let passed = 0;
let failed = 0;
function judge(name, complaints) {
  if (complaints.length === 0) { passed += 1; return; }
  failed += 1;
  console.log(`FAILED: ${name}\n${complaints.map((line) => `    ${line}\n`).join('')}`);
}

// ---- requests ------------------------------------------------------------------------------------

const baseOf = ({ issuer }) => issuer.replace(/\/$/, '');
const quirkUrl = (provider, name, path) => provider.quirk?.endpoints?.[name] ?? `${baseOf(provider)}/${path}`;

function endpointsOf(provider) {
  if (!provider.quirk) return { ...provider.discovery, ...provider.device?.endpoints };
  return {
    device_authorization_endpoint: quirkUrl(provider, 'device_authorization_endpoint', 'device'),
    token_endpoint: quirkUrl(provider, 'token_endpoint', 'token'),
    jwks_uri: `${baseOf(provider)}/jwks`,
  };
}

const to = (url) => requests.filter((request) => request.url === url);

// RFC 8628 3.5: never sooner than the interval, counted from the code and from each poll.
function spacing(one, codes, polls) {
  const { waits, spacing: least = 1 } = one;
  const times = [codes.at(-1), ...polls].map(({ at }) => at);
  return polls.flatMap((poll, i) => {
    const wanted = (waits?.[i] ?? least) * 1000;
    const got = times[i + 1] - times[i];
    // the other end's clock starts a little sooner than ours
    if (got < wanted - 50) return [`poll ${i + 1} came after ${got} ms, not ${wanted}`];
    return waits && got > wanted + 3000 ? [`poll ${i + 1} came after ${got} ms, not ${wanted}`] : [];
  });
}

const formEncoded = (text) => new URLSearchParams({ x: text }).toString().slice(2);

// RFC 6749 2.3.1: in the header, form-encoded, and nowhere else; or in the body, and nowhere else.
function authentication(secretAs, request) {
  const form = new URLSearchParams(request.body);
  const basic = `Basic ${Buffer.from(`${formEncoded(form.get('client_id'))}:${formEncoded(secret)}`).toString('base64')}`;
  const good = (form.get('client_secret') ?? undefined) === (secretAs === 'post' ? secret : undefined)
    && request.authorization === (secretAs === 'basic' ? basic : undefined);
  return good ? [] : [`not authenticated as ${secretAs ?? 'nobody'}: ${request.authorization} ${request.body}`];
}

function flowRequests(one, provider) {
  const endpoints = endpointsOf(provider);
  const codes = to(endpoints.device_authorization_endpoint);
  const polls = to(endpoints.token_endpoint);
  const complaints = [];
  const expect = (good, complaint) => { if (!good) complaints.push(complaint); };

  expect(codes.length === (one.codes ?? 1), `${codes.length} codes were asked for`);
  expect(one.requests === undefined || polls.length === one.requests, `${polls.length} polls, not ${one.requests}`);
  for (const { body } of codes) {
    expect(new URLSearchParams(body).get('scope') === (provider.scope ?? 'openid'), `R87: asked for ${body}`);
  }
  for (const { body } of polls) {
    const form = new URLSearchParams(body);
    expect(form.get('grant_type') === 'urn:ietf:params:oauth:grant-type:device_code' && form.get('device_code'), `polled with ${body}`);
  }
  for (const request of [...codes, ...polls]) {
    expect(request.accept === 'application/json', `accepts ${request.accept}`);
    complaints.push(...authentication(one.secret ?? provider.device?.secret, request));
  }
  return [...complaints, ...codes.length > 0 ? spacing(one, codes, polls) : []];
}

// ---- each case -----------------------------------------------------------------------------------

function decisionOf({ name, decision }) {
  const lines = log.filter((line) => line.includes(`service=${serviceOf(name)} `) && line.includes('event=sign_in'));
  if (lines.length !== 1) return [`${lines.length} decisions`];
  return decision.test(lines[0]) ? [] : [`wanted: ${decision}`, `got: ${lines[0]}`];
}

function screenOf({ name, decision, screen = [], unseen = [] }) {
  const shown = read('screens', serviceOf(name));
  const accepted = /successfully authenticated/.test(shown);
  return [
    ...accepted === decision.source.includes('accepted') ? [] : [`pamtester said: ${shown}`],
    ...screen.filter((text) => !shown.includes(text)).map((text) => `not shown: ${text}, but: ${shown}`),
    ...unseen.filter((text) => shown.includes(text)).map((text) => `shown: ${text}`),
    // E49, R92: not one byte of an escape, and nothing of what is secret
    .../[^\n -~]/.test(shown) ? ['not all of what was shown is printable'] : [],
    .../canary/.test(shown) ? ['a secret was shown'] : [],
  ];
}

// Whatever the provider does, the whole is over with device_timeout or the ten seconds for keys.
function durationOf({ name, methods, timeout = '60s', lasts }) {
  const [least, most] = lasts ?? [0, (methods.includes('device') ? parseInt(timeout, 10) : 10) + 15];
  const seconds = Number(read('seconds', serviceOf(name)));
  return seconds >= least && seconds <= most ? [] : [`it took ${seconds} s`];
}

for (const one of cases) {
  const provider = providers.find(({ name }) => name === one.providers[0]);
  judge(one.name, [
    ...decisionOf(one),
    ...screenOf(one),
    ...one.methods.includes('device') ? flowRequests(one, provider) : [],
    ...durationOf(one),
  ]);
}

// ---- all of them ---------------------------------------------------------------------------------

// R66, E38: whatever a document says, these were the only URLs.
const wellKnown = /\/\.well-known\/(openid-configuration|oauth-authorization-server(\/[^?]*)?)$/;
const expected = new Set(providers.flatMap((provider) => {
  const { device_authorization_endpoint: device, token_endpoint: token, jwks_uri: jwks } = endpointsOf(provider);
  return [device, token, jwks];
}));
judge('R66_E38_only_what_is_needed_was_asked_for', requests
  .filter(({ url }) => !expected.has(url) && !wellKnown.test(url)).map(({ url }) => url));
judge('R94_E49_the_log_is_printable_and_holds_no_secret', log
  .filter((line) => /[^ -~]|canary|eyJ/.test(line)));
judge('R88_no_secret_in_the_list_of_processes', read('seen').split('\n').filter(Boolean));
judge('the_log_has_all_decisions', log.length >= cases.length ? [] : [`${log.length} lines`]);

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
