// Makes the world of these tests: node prepare.mjs WORLD
//
// keys.json, the configurations, the account map, a file of answers for each case, and `cases`, a
// line for each: its service, its configuration. Reads the client's secret and the pieces of
// configuration that the shell knows from WORLD/secret and WORLD/paths.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cases as presetCases, providers as recordings } from './presets.mjs';
import { cases as quirkCases, crowded, providers as quirks } from './quirks.mjs';
import { makeKey, renewed, serviceOf, signed } from './tokens.mjs';

const world = process.argv[2];
const at = (...names) => join(world, ...names);
const providers = [...recordings, ...quirks];
const cases = [...presetCases, ...quirkCases];

// A few keys do for all: whose key it is says its kid.
const pool = ['a', 'b', 'c'].map(makeKey);
const keys = Object.fromEntries(providers.map(({ name }, i) => (
  [name, { ...pool[i % 2], kid: `test-${name}` }])));
keys.spare = pool[2];
writeFileSync(at('keys.json'), JSON.stringify(keys), { mode: 0o600 });

// ---- configuration -------------------------------------------------------------------------------

const section = ({ name, preset, issuer, lines }, more = []) => [
  `[provider ${name}]`,
  ...preset ? [`preset = ${preset}`] : [],
  `issuer = ${issuer}`,
  ...lines.map((line) => (line === 'SECRET' ? `client_secret_file = ${at('secret')}` : line)),
  `ca_file = ${at('ca.pem')}`,
  'timeout = 5s',
  ...more,
  '',
];
const service = ({ name, providers: names, methods, timeout = '40s' }) => [
  `[service ${serviceOf(name)}]`, `providers = ${names.join(' ')}`, `methods = ${methods}`,
  `device_timeout = ${timeout}`, '',
];
// All of these sign in as alice, and at the same time.
const together = ['[service *]', 'device_limit = 1000', 'device_limit_per_account = 1000', ''];
const paths = readFileSync(at('paths'), 'utf8');

const swapped = cases.filter(({ swapOf }) => swapOf);
const straight = cases.filter(({ swapOf }) => !swapOf);
writeFileSync(at('pam_oauth.conf'), [...providers.flatMap((provider) => section(provider)),
  ...straight.flatMap(service), ...together, paths].join('\n'));
// The same providers, asked for the other kind of token.
writeFileSync(at('swapped.conf'), [...swapped.flatMap(({ swapOf, tokenKind, providers: [name] }) => section(
  { ...recordings.find((provider) => provider.name === swapOf), name }, [`token_kind = ${tokenKind}`])),
...swapped.flatMap(service), paths].join('\n'));
// R89, with the limits that are the default, one service that has less, and seats of its own.
writeFileSync(at('limits.conf'), [...section(crowded),
  ...service({ name: 'limits', providers: [crowded.name], methods: 'device' }),
  ...service({ name: 'limits-token', providers: [crowded.name], methods: 'token' }),
  ...service({ name: 'limits-less', providers: [crowded.name], methods: 'device' }), 'device_limit = 4',
  paths.replace(/^run = .*$/m, `run = ${at('limits-run')}`)].join('\n'));
writeFileSync(at('accounts.map'), providers.flatMap(({ name, rules }) => (
  rules.map((rule) => `${name} ${rule} -> alice\n`))).join(''));

// ---- what is typed -------------------------------------------------------------------------------

function tokenOf({ token, providers: [name], swapOf, path }) {
  const { kind, claims = {}, key } = token;
  const provider = providers.find((one) => one.name === (swapOf ?? name));
  const now = Math.floor(Date.now() / 1000);
  if (kind === 'quirk') {
    return signed(keys[name], '{"typ":"at+jwt","alg":"RS256","kid":""}', {
      iss: provider.issuer, sub: '248289761001', aud: 'ssh://testhost', iat: now, exp: now + 300,
    });
  }
  const recorded = provider.claims[kind];
  if (typeof recorded === 'string') return recorded;
  const signer = key === 'another' ? { ...keys.spare, kid: keys[provider.name].kid } : keys[provider.name];
  return signed(signer, provider.headers[kind], renewed({ ...recorded, ...claims }));
}

// A prompt takes so much at a time; each part but the last ends in a plus sign.
const parts = (token) => token.match(/.{1,490}/g).map((part, i, all) => (
  i < all.length - 1 ? `${part}+` : part)).join('\n');

mkdirSync(at('answers'), { recursive: true });
writeFileSync(at('answers', 'crowded'), tokenOf({ token: { kind: 'quirk' }, providers: [crowded.name] }));
for (const one of cases) writeFileSync(at('answers', serviceOf(one.name)), one.token ? parts(tokenOf(one)) : '');
writeFileSync(at('cases'), cases.map(({ name, swapOf }) => (
  `${serviceOf(name)} ${swapOf ? 'swapped' : 'pam_oauth'}\n`)).join(''));
