// What providers in the field do that the RFCs do not say, and what hostile ones would do: one
// provider each, https://quirks.example/NAME. E38, E45 to E52, R65, R66, R78 to R88.
//
// `device` are the replies of the device authorization endpoint and `polls` those of the token
// endpoint, one a request; the last is given to all that follow.

import { serviceOf } from './tokens.mjs';

const host = 'https://quirks.example';
const ACCEPTED = /verdict=accepted .*account=alice .*method=device/;
const ESCAPES = '\u001b[2J\u001b]8;;https://evil.example\u0007\u001b]52;c;ZXZpbA==\u0007\r\u009b2J\u202egpj';

const refused = (reason) => new RegExp(`verdict=refused reason=${reason} .*method=device`);
const failed = (reason) => new RegExp(`verdict=failed reason=${reason} `);
const error = (name, more = {}) => ({ status: 400, body: { error: name, ...more } });
const slowDown = (more) => error('slow_down', more);

// A flow: how many polls it takes (checked where it is a number), and what comes of it.
const flows = {};
const flow = (name, { timeout = '40s', ...rest }) => { flows[name] = { timeout, ...rest }; };

// ---- what has to work --------------------------------------------------------------------------

flow('pending-in-every-status', {
  polls: [400, 401, 403, 428, 429, 200, 499].map((status) => ({ status, body: { error: 'authorization_pending' } }))
    .concat('grant'),
  decision: ACCEPTED,
  requests: 8,
});
flow('form-encoded-replies', {
  device: { form: true },
  polls: [{ status: 200, form: true, body: { error: 'authorization_pending', error_description: 'not yet', interval: '1' } },
    { grant: true, form: true }],
  decision: ACCEPTED,
  requests: 2,
});
flow('verification_url-alone', {
  device: { verification_uri: undefined, verification_url: `${host}/verification_url-alone/activate` },
  polls: ['grant'],
  decision: ACCEPTED,
  screen: ['/verification_url-alone/activate'],
});
flow('code-of-nine-digits', {
  device: { user_code: '123456789', verification_uri_complete: `${host}/code-of-nine-digits/activate?code=123456789` },
  polls: ['grant'],
  decision: ACCEPTED,
  screen: ['123456789'],
});
flow('E47-interval-missing', { device: { interval: undefined }, polls: ['grant'], decision: ACCEPTED, spacing: 5 });
flow('E47-interval-0', { device: { interval: 0 }, polls: ['pending', 'grant'], decision: ACCEPTED, spacing: 1 });
flow('E47-interval-negative', { device: { interval: -5 }, polls: ['grant'], decision: ACCEPTED, spacing: 1 });
flow('E47-interval-text', { device: { interval: '1' }, polls: ['grant'], decision: ACCEPTED, spacing: 5 });
flow('E47-interval-with-fraction', { device: { interval: 1.5 }, polls: ['grant'], decision: ACCEPTED, spacing: 5 });
flow('E47-expires_in-1e12', { device: { expires_in: 1000000000000 }, polls: ['grant'], decision: ACCEPTED });
flow('E46-slow_down-three-times', {
  polls: [slowDown(), slowDown(), slowDown(), 'grant'],
  decision: ACCEPTED,
  requests: 4,
  waits: [1, 6, 11, 16],
  timeout: '60s',
});
flow('E46-slow_down-with-an-interval', {
  polls: [{ status: 200, body: { error: 'slow_down', interval: 8 } }, 'grant'], decision: ACCEPTED, waits: [1, 8],
});
flow('E46-slow_down-with-429', { polls: [{ status: 429, body: { error: 'slow_down' } }, 'grant'], decision: ACCEPTED, waits: [1, 6] });
flow('verdict-behind-the-rate-limit', { polls: ['pending', 'pending', 'grant'], strict: true, decision: ACCEPTED, requests: 3 });
flow('E48-429-with-Retry-After', {
  polls: [{ status: 429, headers: { 'retry-after': '3' }, body: 'slow' }, 'grant'], decision: ACCEPTED, waits: [1, 3],
});
flow('E48-500-and-better-again', {
  polls: [500, 502, 503, 504].map((status) => ({ status, body: '<h1>Sorry</h1>' })).concat('pending', 'grant'), decision: ACCEPTED,
});
flow('R121-busy-at-first', {
  device: [{ status: 429, body: { error: 'slow_down' } }, {}], polls: ['grant'], decision: ACCEPTED, codes: 2,
});
flow('R65-only-the-document-of-RFC-8414', { form: 'rfc8414', polls: ['grant'], decision: ACCEPTED });
flow('R65-issuer-ends-in-a-slash', { slash: true, polls: ['grant'], decision: ACCEPTED });
flow('endpoints-verbatim', {
  endpoints: {
    device_authorization_endpoint: `${host}/endpoints-verbatim/a/../b%2Fc/./device?tenant=%2fx&y=1`,
    token_endpoint: `${host}/endpoints-verbatim//token/?z=a+b%20c`,
  },
  polls: ['pending', 'grant'],
  decision: ACCEPTED,
});
flow('client_secret_basic', { secret: 'basic', polls: ['pending', 'grant'], decision: ACCEPTED });
flow('client_secret_post', { secret: 'post', polls: ['pending', 'grant'], decision: ACCEPTED });
flow('E52-userinfo-is-not-asked', { polls: ['grant'], decision: ACCEPTED, claims: {} });

// ---- what ends it ------------------------------------------------------------------------------

flow('E45-pending-for-ever', {
  polls: ['pending'], timeout: '10s', decision: refused('device_expired'), lasts: [9, 25],
});
flow('R79-pending-when-the-code-is-over', {
  device: { expires_in: 3 }, polls: ['pending'], decision: refused('device_expired'), lasts: [2, 20],
});
flow('E48-429-with-Retry-After-3600', {
  polls: [{ status: 429, headers: { 'retry-after': '3600' }, body: '' }], timeout: '10s',
  decision: refused('device_expired'), requests: 1,
});
flow('E47-interval-1e9', { device: { interval: 1000000000 }, polls: ['grant'], timeout: '10s', decision: refused('device_expired'), requests: 0 });
flow('E48-500-again-and-again', { polls: [{ status: 500, body: '' }], decision: failed('provider'), requests: 6 });
for (const [name, reason] of Object.entries({
  access_denied: 'device_denied',
  authorization_declined: 'device_denied',
  expired_token: 'device_expired',
  token_expired: 'device_expired',
  bad_verification_code: 'device_expired',
  unauthorized_client: 'device_blocked',
})) {
  flow(`E48-${name}`, { polls: ['pending', error(name)], decision: refused(reason), requests: 2 });
}
flow('E48-access_denied-with-200', { polls: [{ status: 200, form: true, body: { error: 'access_denied' } }], decision: refused('device_denied') });
flow('E48-invalid_client', { polls: [{ status: 401, body: { error: 'invalid_client' } }], decision: failed('config'), requests: 1 });
flow('E48-unknown-error', { polls: [error('out_of_cheese')], decision: failed('provider'), requests: 1 });
flow('R121-busy-for-hours', {
  device: { status: 429, headers: { 'retry-after': '3600' }, body: { error: 'slow_down' } }, decision: failed('provider'), codes: 1,
});

// Entra ID, where the organisation blocks the flow; the second is what the person then reads.
const blocked = {
  'by-conditional-access': error('invalid_grant', {
    error_description: 'AADSTS53003: Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.',
    error_codes: [53003], suberror: 'message_only', error_uri: 'https://login.microsoftonline.com/error?code=53003',
  }),
  'by-an-interrupt': error('interaction_required', { error_codes: [50199], suberror: 'message_only' }),
  'by-a-security-policy': error('invalid_grant', { error_codes: [530033] }),
};
for (const [name, reply] of Object.entries(blocked)) {
  flow(`blocked-${name}`, {
    polls: ['pending', reply],
    decision: refused('device_blocked'),
    screen: ['does not allow signing in with a code, and this service has no other way', 'take tokens of pam-oauth login.'],
  });
}
flow('blocked-and-a-token-is-left', {
  polls: [error('invalid_grant', { error_codes: [53003] })],
  methods: 'token device',
  decision: refused('device_blocked'),
  screen: ['Get a token on your own computer with pam-oauth login, and give it at the first prompt.'],
});
flow('blocked-for-the-client', { device: error('unauthorized_client'), decision: refused('device_blocked') });

// ---- what must not be shown, used or believed ----------------------------------------------------

const unshown = { decision: failed('provider'), requests: 0, unseen: ['Open this page'] };
flow('E49-escapes-in-an-error', {
  polls: [error(`bad${ESCAPES}`, { error_description: ESCAPES + 'x'.repeat(10240), error_uri: ESCAPES })], decision: failed('provider'),
});
flow('E49-escapes-in-the-code', { device: { user_code: `AB${ESCAPES}CD` }, ...unshown });
flow('E49-escapes-in-the-page', { device: { verification_uri: `${host}/${ESCAPES}` }, ...unshown });
flow('E49-escapes-in-the-first-error', { device: error(`no${ESCAPES}`, { error_description: ESCAPES }), ...unshown });
flow('E49-10-kB-of-page', { device: { verification_uri: `${host}/${'x'.repeat(10240)}` }, ...unshown });
flow('E49-10-kB-of-code', { device: { user_code: 'A'.repeat(10240) }, ...unshown });
flow('E49-words-beside-a-good-code', {
  device: { message: ESCAPES, verification_uri_complete: `${host}/activate?user_code=WDJB-MJHT&x=${ESCAPES}` },
  polls: ['grant'],
  decision: ACCEPTED,
});
for (const [name, page] of Object.entries({
  http: 'http://quirks.example/activate',
  javascript: 'javascript:alert(1)',
  userinfo: 'https://quirks.example@evil.example/',
  'another-host': 'https://evil.example/activate',
  punycode: 'https://xn--ccounts-5fg.example/',
  homograph: 'https://\u0430ccounts.example/',
  fragment: 'https://quirks.example/#/activate',
  number: 5,
  empty: '',
})) {
  flow(`E50-${name}`, { device: { verification_uri: page, verification_uri_complete: page }, ...unshown });
}
for (const [name, value] of Object.entries({
  0: 0, 'minus-1': -1, missing: undefined, text: '600', fraction: 600.5, null: null,
})) {
  flow(`E47-expires_in-${name}`, { device: { expires_in: value }, ...unshown });
}
flow('device_code-missing', { device: { device_code: undefined }, ...unshown });
flow('two-of-everything', { device: { status: 200, body: '{"device_code":"a","device_code":"b"}' }, ...unshown });
flow('html-in-place-of-a-code', { device: { status: 200, body: '<!DOCTYPE html><p>Log in</p>' }, ...unshown });
flow('redirect-in-place-of-a-code', { device: { status: 302, headers: { location: `${host}/elsewhere` }, body: '' }, ...unshown });
flow('E51-approved-by-another-person', { polls: ['grant'], claims: { sub: '90125' }, decision: refused('account') });
flow('E52-no-id_token', { polls: [{ grant: true, without: 'id_token' }], decision: failed('provider') });
flow('E52-id_token-for-another-client', { polls: ['grant'], claims: { aud: 'another' }, decision: refused('audience') });
flow('E52-id_token-for-another-client-too', { polls: ['grant'], claims: { aud: ['linux-login', 'another'] }, decision: refused('audience') });
flow('E52-id_token-of-another-issuer', { polls: ['grant'], claims: { iss: host }, decision: refused('issuer') });
flow('E52-id_token-of-another-key', { polls: ['grant'], key: 'another', decision: refused('(unknown_key|signature)') });
flow('R62-id_token-is-an-access-token', { polls: ['grant'], header: { typ: 'at+jwt' }, decision: refused('type') });
flow('R62-at_hash-of-another-access-token', { polls: ['grant'], claims: { at_hash: 'Wnv6IIGZ8ioLZxPpZkZ2Ag' }, decision: refused('claim') });

// ---- documents ---------------------------------------------------------------------------------

const documents = {};
const unavailable = failed('keys_unavailable');
const ACCEPTED_TOKEN = /verdict=accepted .*method=token/;
const document = (name, rest) => { documents[name] = { decision: unavailable, ...rest }; };

document('E38-of-another-issuer', { endpoints: { issuer: `${host}/another` } });
document('E38-of-another-issuer-by-a-slash', { endpoints: { issuer: `${host}/E38-of-another-issuer-by-a-slash/` } });
document('E38-of-every-tenant', { endpoints: { issuer: `${host}/{tenantid}` } });
document('E38-jwks_uri-http', { endpoints: { jwks_uri: 'http://quirks.example/stolen' } });
document('E38-jwks_uri-elsewhere', { endpoints: { jwks_uri: 'https://evil.example/stolen' } });
document('E38-jwks_uri-file', { endpoints: { jwks_uri: 'file:///etc/passwd' } });
document('E38-jwks_uri-userinfo', { endpoints: { jwks_uri: 'https://me:pw@quirks.example/stolen' } });
document('E38-jwks_uri-missing', { endpoints: { jwks_uri: undefined } });
document('R66-token_endpoint-elsewhere-and-not-used', {
  endpoints: { token_endpoint: 'https://evil.example/token' }, decision: ACCEPTED_TOKEN,
});
document('keys-with-foreign-ones', {
  jwks: [{ kty: 'oct', k: 'AAAA' }, { kty: 'AKP', alg: 'ML-DSA-44', pub: 'AAAA' }, { kty: 'EC', crv: 'secp256k1', x: 'AA', y: 'AA' }, 5],
  decision: ACCEPTED_TOKEN,
});
document('keys-without-alg-and-use', { decision: ACCEPTED_TOKEN });
document('key-for-encryption', { key: { use: 'enc', alg: 'RSA-OAEP' } });
document('key-of-another-tenant', { key: { issuer: `${host}/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0` } });
document('key-of-every-tenant', { key: { issuer: `${host}/{tenantid}/v2.0` }, decision: ACCEPTED_TOKEN });
document('R65-slash-and-path', { slash: true, decision: ACCEPTED_TOKEN });

const provider = (name, rest) => ({
  name: serviceOf(name),
  path: `/${name}`,
  issuer: `${host}/${name}${rest.slash ? '/' : ''}`,
  lines: ['client_id = linux-login', 'audience = ssh://%h',
    ...(rest.secret ? [`client_auth = ${rest.secret}`, 'SECRET'] : [])],
  rules: ['sub=248289761001'],
  quirk: rest,
});

// One that keeps everybody waiting, for the tests of how many may wait.
export const crowded = provider('crowded', { polls: ['pending'] });

export const providers = [...Object.entries(flows), ...Object.entries(documents)]
  .map(([name, rest]) => provider(name, rest)).concat(crowded);

export const cases = [
  ...Object.entries(flows).map(([name, rest]) => ({
    ...rest, name, providers: [serviceOf(name)], methods: rest.methods ?? 'device', quirk: true,
  })),
  ...Object.entries(documents).map(([name, rest]) => ({
    name, providers: [serviceOf(name)], methods: 'token', decision: rest.decision,
    token: { kind: 'quirk' }, quirk: true, path: `/${name}`,
  })),
];
