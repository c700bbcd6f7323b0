// Tries everything ctl.mjs offers, through the command line as tests use it.
// Prints one line a check and `N passed, N failed`; exits 1 on any failure.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLocalJWKSet, compactVerify, decodeJwt, decodeProtectedHeader } from 'jose';
import { cleanUp, ctl, dir, fetchFrom, file, other, run } from './selftest_harness.mjs';
import { DEVICE_GRANT } from './settings.mjs';

const DISCOVERY = '/.well-known/openid-configuration';
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'];

const inject = (injection) => ctl('inject', dir, JSON.stringify(injection));
const mint = (request) => ctl('mint', dir, JSON.stringify(request));
const kids = async () => JSON.parse(await ctl('jwks', dir)).keys.map(({ kid }) => kid);
const fetch = fetchFrom(dir);
const json = async (...args) => JSON.parse((await fetch(...args)).body);

const beginFlow = (more = {}) => json('/device/auth', { client_id: 'linux-login', scope: 'openid', ...more });
const poll = (flow, more = { client_id: 'linux-login' }) => json('/token',
  { grant_type: DEVICE_GRANT, device_code: flow.device_code, ...more });

// Verified by jose, which had no part in signing what mint signs.
async function verified(token) {
  const keys = createLocalJWKSet(JSON.parse(await ctl('jwks', dir)));
  const { payload, protectedHeader } = await compactVerify(token, keys);
  return { header: protectedHeader, claims: JSON.parse(Buffer.from(payload).toString()) };
}

const CHECKS = {
  async 'start makes a provider under the issuer it prints'() {
    const issuer = await ctl('start', dir);
    assert.equal(issuer, `https://localhost:${file('port')}`);
    assert.equal(issuer, file('issuer'));
    assert.equal((await json(DISCOVERY)).issuer, issuer);
  },
  async 'start of a running provider is refused'() {
    const { code, err } = await run('start', dir);
    assert.equal(code, 1);
    assert.match(err, /runs already; stop it first/);
  },
  async 'usage errors exit 2'() {
    const wrong = [[], ['nonsense', dir], ['approve', dir], ['token', dir, 'alice', '--no-such'],
      ['start', other, '--port', 'x'], ['start', other, '--host', 'a/b'], ['start', other, '--issuer-path', 'realms/']];
    for (const args of wrong) assert.equal((await run(...args)).code, 2);
  },
  async 'jwks has four public keys and nothing private'() {
    const jwks = await json('/jwks');
    assert.deepEqual(jwks.keys.map(({ alg }) => alg), ALGORITHMS);
    for (const key of jwks.keys) {
      assert.equal(key.use, 'sig');
      for (const member of ['d', 'p', 'q', 'dp', 'dq', 'qi']) assert.ok(!(member in key));
    }
    assert.deepEqual(JSON.parse(await ctl('jwks', dir)), jwks);
  },
  async 'access token of a real flow'() {
    const { header, claims } = await verified(await ctl('token', dir, 'alice'));
    assert.equal(header.typ, 'at+jwt');
    assert.equal(header.alg, 'RS256');
    assert.equal(claims.iss, file('issuer'));
    assert.equal(claims.aud, 'ssh://testhost');
    assert.equal(claims.sub, '248289761001');
    assert.equal(claims.client_id, 'linux-login');
    assert.equal(claims.scope, 'openid profile email groups login');
    assert.deepEqual(claims.groups, ['Linux Users', 'ops']);
    assert.equal(claims.exp - claims.iat, 600);
  },
  async 'ID token of a real flow'() {
    const { claims } = await verified(await ctl('token', dir, 'bob', '--id-token'));
    assert.equal(claims.aud, 'linux-login');
    assert.equal(claims.sub, '90125');
    assert.equal(claims.preferred_username, 'bob');
    assert.equal(claims.email_verified, true);
    assert.deepEqual(claims.groups, ['Linux Users']);
    assert.equal(claims.acr, 'pwd');
    assert.deepEqual(claims.amr, ['pwd']);
    assert.ok(Math.abs(claims.auth_time - claims.iat) <= 10);
  },
  async 'scope and resource can be chosen'() {
    const { claims } = await verified(
      await ctl('token', dir, 'mallory', '--scope', 'openid login', '--resource', 'urn:example:door'));
    assert.equal(claims.aud, 'urn:example:door');
    assert.equal(claims.scope, 'openid login');
    assert.ok(!('email' in claims));
  },
  async 'every algorithm signs both kinds of token'() {
    for (const alg of ALGORITHMS) {
      for (const kind of [[], ['--id-token']]) {
        const { header } = await verified(await ctl('token', dir, 'alice', '--alg', alg, ...kind));
        assert.equal(header.alg, alg);
      }
    }
    assert.equal((await verified(await ctl('token', dir, 'alice'))).header.alg, 'RS256');
  },
  async 'clients with a secret authenticate their own way only'() {
    for (const client of ['linux-basic', 'linux-post']) {
      const { claims } = await verified(await ctl('token', dir, 'bob', '--client', client));
      assert.equal(claims.client_id, client);
    }
    const secret = { client_secret: 's3cr3t+/ %&:=', scope: 'openid' };
    assert.ok((await json('/device/auth', { client_id: 'linux-post', ...secret })).device_code);
    assert.equal((await fetch('/device/auth', { client_id: 'linux-basic', ...secret })).status, 401);
    assert.equal((await fetch('/device/auth', { client_id: 'linux-post', ...secret, client_secret: 'x' })).status, 401);
  },
  async 'pending, approved through the typed code, used up'() {
    const flow = await beginFlow();
    assert.equal(flow.expires_in, 600);
    assert.equal(flow.interval, undefined);
    assert.equal((await poll(flow)).error, 'authorization_pending');
    await ctl('approve', dir, flow.verification_uri, flow.user_code, 'alice');
    assert.equal(decodeJwt((await poll(flow)).id_token).sub, '248289761001');
    assert.equal((await poll(flow)).error, 'invalid_grant');
  },
  async 'approved through the complete address'() {
    const flow = await beginFlow();
    await ctl('approve', dir, flow.verification_uri_complete, flow.user_code, 'bob');
    assert.equal(decodeJwt((await poll(flow)).id_token).sub, '90125');
  },
  async 'denied through both addresses'() {
    for (const address of ['verification_uri', 'verification_uri_complete']) {
      const flow = await beginFlow();
      await ctl('deny', dir, flow[address], flow.user_code, 'alice');
      assert.equal((await poll(flow)).error, 'access_denied');
    }
  },
  async 'browse signs in and comes back to this machine, or is refused'() {
    const seen = [];
    const server = createServer((req, res) => { seen.push(req.url); res.end('<title>Here</title>'); });
    await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    const query = new URLSearchParams({
      response_type: 'code', client_id: 'linux-login', scope: 'openid', state: 's',
      redirect_uri: `http://127.0.0.1:${server.address().port}/callback`,
      code_challenge: 'x'.repeat(43), code_challenge_method: 'S256',
    });
    const url = `${file('issuer')}/auth?${query}`;
    assert.equal(await ctl('browse', dir, url, 'alice'), 'Here');
    assert.equal(await ctl('browse', dir, url, 'alice', '--deny'), 'Here');
    server.close();
    assert.match(seen[0], /^\/callback\?code=[^&]+&state=s&iss=/);
    assert.match(seen[1], /^\/callback\?error=access_denied&.*state=s/);
  },
  async 'a wrong code or user is not approved'() {
    const flow = await beginFlow();
    for (const [code, user] of [['ZZZZ-ZZZZ', 'alice'], [flow.user_code, 'nobody']]) {
      const { code: exit, err } = await run('approve', dir, flow.verification_uri, code, user);
      assert.equal(exit, 1);
      assert.match(err, /incorrect|unknown/);
    }
    assert.equal((await poll(flow)).error, 'authorization_pending');
  },
  async 'refresh token, rotated when used'() {
    const flow = await beginFlow({ scope: 'openid offline_access' });
    await ctl('approve', dir, flow.verification_uri, flow.user_code, 'alice');
    const refresh = { client_id: 'linux-login', grant_type: 'refresh_token' };
    const first = await poll(flow);
    const second = await json('/token', { ...refresh, refresh_token: first.refresh_token });
    assert.notEqual(second.refresh_token, first.refresh_token);
    assert.equal((await json('/token', { ...refresh, refresh_token: first.refresh_token })).error, 'invalid_grant');
  },
  async 'mint signs with every key, over the defaults'() {
    for (const key of ALGORITHMS) {
      const { header, claims } = await verified(await mint({ key, payload: { sub: 'x', extra: [1] } }));
      assert.deepEqual({ alg: header.alg, typ: header.typ }, { alg: key, typ: 'at+jwt' });
      assert.equal(claims.iss, file('issuer'));
      assert.equal(claims.aud, 'linux-login');
      assert.equal(claims.exp, claims.iat + 300);
      assert.deepEqual([claims.sub, claims.extra], ['x', [1]]);
    }
  },
  async 'mint can leave out, forge and misuse'() {
    const bare = await mint({ header: { typ: null, kid: null }, payload: { exp: null, aud: null } });
    assert.deepEqual(decodeProtectedHeader(bare), { alg: 'RS256' });
    assert.deepEqual(Object.keys(decodeJwt(bare)), ['iss', 'iat']);

    const confused = await mint({ key: 'RS256', header: { alg: 'HS256' } });
    assert.equal(decodeProtectedHeader(confused).alg, 'HS256');

    const raw = await mint({ payload: 'not { JSON' });
    assert.equal(Buffer.from(raw.split('.')[1], 'base64url').toString(), 'not { JSON');
  },
  async 'mint with an unknown key'() {
    for (const alg of ALGORITHMS) {
      const { kid, alg: used } = decodeProtectedHeader(await mint({ key: 'unknown', header: { alg } }));
      assert.equal(used, alg);
      assert.ok(!(await kids()).includes(kid));
    }
    assert.equal((await run('mint', dir, '{"key":"none"}')).code, 1);
  },
  async 'documents are overridden until cleared'() {
    const html = { status: 200, headers: { 'content-type': 'text/html' }, body: '<h1>Maintenance</h1>' };
    await inject({ documents: { [DISCOVERY]: html, '/jwks': { status: 503 } } });
    for (let times = 0; times < 2; times += 1) {
      const page = await fetch(DISCOVERY);
      assert.deepEqual([page.status, page.headers['content-type'], page.body], [200, 'text/html', html.body]);
      assert.equal((await fetch('/jwks')).status, 503);
    }
    await ctl('clear', dir);
    assert.equal((await json(DISCOVERY)).issuer, file('issuer'));
    assert.equal((await fetch('/jwks')).status, 200);
  },
  async 'documents are altered and delayed'() {
    await inject({
      documents: {
        [DISCOVERY]: { merge: { token_endpoint: 'https://localhost:1/token', jwks_uri: null } },
        '/jwks': { headers: { 'cache-control': 'max-age=7' }, delay: 200 },
      },
    });
    const metadata = await json(DISCOVERY);
    assert.equal(metadata.token_endpoint, 'https://localhost:1/token');
    assert.ok(!('jwks_uri' in metadata));
    const before = Date.now();
    const jwks = await fetch('/jwks');
    assert.ok(Date.now() - before >= 190);
    assert.equal(jwks.headers['cache-control'], 'max-age=7');
    assert.equal(JSON.parse(jwks.body).keys.length, 4);
    await ctl('clear', dir);
  },
  async 'interval and slow_down'() {
    const slow = { status: 400, body: { error: 'slow_down' } };
    await inject({ device: { interval: 1 }, token: [slow, slow] });
    const flow = await beginFlow();
    assert.equal(flow.interval, 1);
    await ctl('approve', dir, flow.verification_uri, flow.user_code, 'alice');
    assert.equal((await poll(flow)).error, 'slow_down');
    assert.equal((await poll(flow)).error, 'slow_down');
    assert.ok((await poll(flow)).id_token);
    await ctl('clear', dir);
  },
  async 'a mistaken injection is refused'() {
    for (const wrong of ['{"documnts":{}}', '{"token":[{"stauts":400}]}', '{"alg":"none"}', '{']) {
      assert.equal((await run('inject', dir, wrong)).code, 1);
    }
  },
  async 'an injected algorithm holds until cleared'() {
    await inject({ alg: 'ES256' });
    assert.equal(decodeProtectedHeader(await ctl('token', dir, 'alice')).alg, 'ES256');
    await ctl('clear', dir);
    assert.equal(decodeProtectedHeader(await ctl('token', dir, 'alice')).alg, 'RS256');
  },
  async 'rotation replaces every key, at once and for flows under way'() {
    const before = await kids();
    const flow = await beginFlow();
    await ctl('approve', dir, flow.verification_uri, flow.user_code, 'alice');
    await ctl('rotate', dir);
    const after = await kids();
    assert.equal(after.length, 4);
    assert.ok(!before.some((kid) => after.includes(kid)));
    assert.deepEqual((await json('/jwks')).keys.map(({ kid }) => kid), after);
    await verified((await poll(flow)).id_token);
    await verified(await mint({ payload: { sub: 'x' } }));
  },
  async 'requests are logged, silence is empty'() {
    await ctl('forget', dir);
    await ctl('jwks', dir);
    await mint({ payload: { sub: 'x' } });
    assert.equal(await ctl('requests', dir), '');
    await fetch('/jwks?x=1');
    assert.equal(await ctl('requests', dir), 'CONNECT\nGET /jwks');
  },
  async 'a restart keeps address and keys, also after a crash'() {
    const [issuer, before] = [file('issuer'), await kids()];
    await ctl('stop', dir);
    assert.equal(await ctl('start', dir), issuer);
    process.kill(Number(file('pid')), 'SIGKILL');
    assert.equal(await ctl('start', dir), issuer);
    assert.deepEqual(await kids(), before);
  },
  async 'issuer path and lifetimes'() {
    const issuer = await ctl('start', other, '--issuer-path', '/realms/test', '--device-ttl', '2', '--token-ttl', '5');
    assert.match(issuer, /^https:\/\/localhost:\d+\/realms\/test$/);
    const ask2 = fetchFrom(other);
    const metadata = JSON.parse((await ask2('/.well-known/openid-configuration')).body);
    assert.equal(metadata.token_endpoint, `${issuer}/token`);
    const claims = decodeJwt(await ctl('token', other, 'alice'));
    assert.equal(claims.iss, issuer);
    assert.equal(claims.exp - claims.iat, 5);

    const client = { client_id: 'linux-login' };
    const flow = JSON.parse((await ask2('/device/auth', { ...client, scope: 'openid' })).body);
    assert.equal(flow.expires_in, 2);
    await sleep(3000);
    const late = await ask2('/token', { ...client, grant_type: DEVICE_GRANT, device_code: flow.device_code });
    assert.match(late.body, /"expired_token"/);
  },
  async 'stop leaves no process and no socket, twice'() {
    for (const place of [dir, other]) {
      const pid = file('pid', place);
      for (let times = 0; times < 2; times += 1) await ctl('stop', place);
      assert.ok(!existsSync(`/proc/${pid}`) || readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z '));
      assert.ok(!existsSync(join(place, 'pid')));
      assert.ok(!existsSync(join(place, 'control.sock')));
    }
  },
};

let passed = 0;
let failed = 0;
try {
  for (const [name, check] of Object.entries(CHECKS)) {
    try {
      await check();
      passed += 1;
      console.log(`ok      ${name}`);
    } catch (error) {
      failed += 1;
      console.log(`FAILED  ${name}\n${error.message}`);
    }
  }
} finally {
  await cleanUp();
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
