// Random tokens and key sets, judged by pam-oauth and by node's own crypto: the two must agree.
//
//   node differential.mjs PROGRAM SECONDS [SEED]
//
// Prints one line; on a difference also what it is about, and exits with 1.
import crypto from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {execFileSync} from 'node:child_process';

import {strictObject} from './strictjson.mjs';

const [program, seconds, seedText] = process.argv.slice(2);
const seed = Number(seedText ?? crypto.randomInt(2 ** 31));
const now = 1800000000;
const issuer = 'https://sso.example.org';
const audience = 'ssh://host';

// ---- chance, repeatable with the seed --------------------------------------------------------------

let state = seed >>> 0;
function random(below) { // mulberry32
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
}
const pick = (list) => list[random(list.length)];
const chance = (percent) => random(100) < percent;

// ---- keys and tokens -------------------------------------------------------------------------------

const kinds = {
    rsa: () => crypto.generateKeyPairSync('rsa', {modulusLength: 2048}),
    p256: () => crypto.generateKeyPairSync('ec', {namedCurve: 'P-256'}),
    p384: () => crypto.generateKeyPairSync('ec', {namedCurve: 'P-384'}),
    p521: () => crypto.generateKeyPairSync('ec', {namedCurve: 'P-521'}),
    ed25519: () => crypto.generateKeyPairSync('ed25519'),
    ed448: () => crypto.generateKeyPairSync('ed448'),
};
const pairs = Object.fromEntries(Object.entries(kinds).map(([name, make]) => [name, make()]));
const algs = {
    RS256: 'rsa', RS384: 'rsa', RS512: 'rsa', PS256: 'rsa', PS384: 'rsa', PS512: 'rsa',
    ES256: 'p256', ES384: 'p384', ES512: 'p521', EdDSA: 'ed25519', Ed25519: 'ed25519', Ed448: 'ed448',
};
const hash = (alg) => (alg.startsWith('Ed') ? null : 'sha' + alg.slice(2));
const options = (alg, key) => ({
    key, dsaEncoding: 'ieee-p1363',
    ...(alg.startsWith('PS') && {padding: crypto.constants.RSA_PKCS1_PSS_PADDING,
        saltLength: Number(alg.slice(2)) / 8}),
});
const jwkOf = (name) => ({...pairs[name].publicKey.export({format: 'jwk'}), kid: name});
const allKeys = Object.keys(kinds).map(jwkOf);
const b64 = (bytes) => Buffer.from(bytes).toString('base64url');

const junk = [null, true, false, 0, -1, 1.5, '', 'x', [], {}, ['x'], [audience], {a: [1]}, now, now + 60,
    now - 31, now - 30, now - 29, now + 30, now + 31, now + 0.5, 253402300800, 'root', audience, issuer,
    `${issuer}/`, [audience, 'x'], [audience, 1], 'at+jwt', 'JWT', 'none', 'HS256', 'RS256', 'rsa',
    'p256', '\u202e', '\u001b[2J', 'x'.repeat(300), 'x'.repeat(9000)];

function mutateObject(object) {
    const names = Object.keys(object);
    const name = chance(70) ? pick(names) : pick(['nbf', 'iat', 'exp', 'aud', 'azp', 'cnf', 'nonce',
        'client_id', 'idtyp', 'gty', 'at_hash', 'crit', 'b64', 'jwk', 'jku', 'zip', 'cty', 'typ', 'x']);
    if (chance(25)) {
        delete object[name];
    } else {
        object[name] = pick(junk);
    }
}

// Text changes that JSON.stringify would never make.
const rewrites = [
    (t) => t.replace('{', '{ '), (t) => t + ' ', (t) => t + 'x', (t) => '\ufeff' + t,
    (t) => t.replace(/"(\w+)":/, '"$1":0,"$1":'), (t) => t.replace('"', "'"), (t) => t.slice(0, -1),
    (t) => t.replace(/"sub":/, '"\\u0073ub":'), (t) => t.replace(/}$/, ',"n":1e400}'),
    (t) => t.replace(/}$/, ',"n":1e-400}'), (t) => t.replace(/}$/, ',"n":18446744073709551616}'),
    (t) => t.replace(/}$/, ',"n":"\\u0000"}'), (t) => t.replace(/}$/, ',"n":"\\ud800"}'),
    (t) => t.replace(/}$/, `,"n":${'['.repeat(14)}${']'.repeat(14)}}`),
    (t) => t.replace(/}$/, `,"n":${'['.repeat(17)}${']'.repeat(17)}}`),
    (t) => t.replace(/}$/, ',"a":{"b":1,"c":{"b":2}}}'), (t) => t.replace(/}$/, ',"a":{"b":1,"b":2}}'),
    (t) => t.replace(/:(\d+)/, ':$1.0'), (t) => t.replace(/:(\d+)/, ':0$1'), (t) => t.replace(/:(\d+)/, ':$1e0'),
    (t) => t.replaceAll(',', '\t,\r\n'),
];

function randomToken() {
    const alg = pick(Object.keys(algs));
    const header = {typ: 'at+jwt', alg, kid: algs[alg]};
    const payload = {iss: issuer, aud: audience, sub: '248', iat: now - 60, exp: now + 300};
    for (let i = random(3); i > 0 && chance(60); i--) {
        mutateObject(chance(30) ? header : payload);
    }
    let [head, body] = [JSON.stringify(header), JSON.stringify(payload)];
    if (chance(15)) {
        [head, body] = chance(30) ? [pick(rewrites)(head), body] : [head, pick(rewrites)(body)];
    }
    const message = `${b64(mutateBytes(head))}.${b64(mutateBytes(body))}`;
    const signer = chance(95) ? algs[alg] : pick(Object.keys(pairs));
    let signature;
    try {
        signature = crypto.sign(hash(alg), Buffer.from(message), options(alg, pairs[signer].privateKey));
    } catch { // that algorithm is nothing for that key
        signature = crypto.randomBytes(64);
    }
    let token = `${message}.${b64(signature)}`;
    for (let i = chance(20) ? 1 + random(3) : 0; i > 0; i--) {
        token = mutateText(token);
    }
    return token;
}

// Now and then a byte more, less or other.
function mutateBytes(text) {
    const bytes = [...Buffer.from(text)];
    if (chance(10)) {
        bytes.splice(random(bytes.length + 1), random(3), ...(chance(80) ? [pick([0, 9, 10, 0x1f, 0x20, 0x22,
            0x2c, 0x2d, 0x2e, 0x30, 0x39, 0x3a, 0x45, 0x5b, 0x5c, 0x5d, 0x7b, 0x7d, 0x7f, 0x80, 0xc0, 0xe9, 0xff,
            random(256)])] : []));
    }
    return Buffer.from(bytes);
}

function mutateText(text) {
    const at = random(text.length);
    const bytes = 'ABCDEFGHabcdefgh0189-_.=+/ {"\x7f\t~';
    switch (random(5)) {
    case 0: return text.slice(0, at) + pick([...bytes]) + text.slice(at + 1);
    case 1: return text.slice(0, at) + text.slice(at + 1 + random(4));
    case 2: return text.slice(0, at) + pick([...bytes]) + text.slice(at);
    case 3: return text.slice(0, at);
    default: return text.slice(0, -1) + pick([...bytes]); // the spare bits are there
    }
}

// ---- node's opinion --------------------------------------------------------------------------------

function decode(text) {
    const bytes = Buffer.from(text, 'base64url');
    return bytes.toString('base64url') === text ? bytes : undefined;
}

function fits(alg, key, jwk) {
    const wanted = {rsa: 'rsa', p256: 'ec', p384: 'ec', p521: 'ec', ed25519: 'ed25519', ed448: 'ed448'};
    const name = alg === 'EdDSA' && jwk.crv === 'Ed448' ? 'ed448' : algs[alg];
    const curve = {p256: 'P-256', p384: 'P-384', p521: 'P-521'}[name];
    return key.asymmetricKeyType === wanted[name] && (curve === undefined || jwk.crv === curve) &&
        (jwk.alg === undefined || jwk.alg === alg);
}

// RFC 8032: y is less than the prime; of the last byte (of Ed448) only the highest bit is x's. The
// few points of small order will not come up by chance.
function isCanonical({x, crv}) {
    const bytes = Buffer.from(x, 'base64url').reverse();
    const y = BigInt.asUintN(bytes.length * 8 - 1, BigInt(`0x${bytes.toString('hex')}`));
    return y < (crv === 'Ed448' ? 2n ** 448n - 2n ** 224n - 1n : 2n ** 255n - 19n);
}

const known = new WeakMap();
function usable(jwk) {
    if (jwk === null || typeof jwk !== 'object') {
        return undefined;
    }
    if (!known.has(jwk)) {
        known.set(jwk, imported(jwk));
    }
    return known.get(jwk);
}

// The key, or undefined for one that must be passed over.
function imported(jwk) {
    if (Array.isArray(jwk) ||
        ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'].some((name) => name in jwk) ||
        ('use' in jwk && jwk.use !== 'sig') ||
        ('key_ops' in jwk && !(Array.isArray(jwk.key_ops) && jwk.key_ops.includes('verify'))) ||
        ('kid' in jwk && (typeof jwk.kid !== 'string' || Buffer.byteLength(jwk.kid) > 256)) ||
        ('alg' in jwk && !(jwk.alg in algs))) {
        return undefined;
    }
    const numbers = jwk.kty === 'RSA' ? ['n', 'e'] : jwk.kty === 'EC' ? ['x', 'y'] : ['x'];
    if (numbers.some((name) => typeof jwk[name] !== 'string' || decode(jwk[name]) === undefined)) {
        return undefined;
    }
    let key;
    try {
        key = crypto.createPublicKey({key: jwk, format: 'jwk'});
    } catch {
        return undefined;
    }
    const again = key.export({format: 'jwk'});
    if (jwk.kty === 'RSA') {
        const bits = key.asymmetricKeyDetails.modulusLength;
        const e = key.asymmetricKeyDetails.publicExponent;
        if (bits < 2048 || bits > 8192 || decode(jwk.n).at(-1) % 2 === 0 || e < 65537n || e % 2n === 0n ||
            e >= 2n ** 32n) {
            return undefined;
        }
    } else if (numbers.some((name) => again[name] !== jwk[name])) {
        return undefined; // coordinates have one length
    }
    if ((jwk.kty === 'OKP' && !isCanonical(jwk)) || ('alg' in jwk && !fits(jwk.alg, key, jwk))) {
        return undefined;
    }
    return key;
}

const isDate = (value) => typeof value === 'number' && value > 0 && value <= 253402300799;

function claimsAccepted(claims, typ) {
    const {iss, aud, sub, exp, nbf, iat} = claims;
    const audiences = Array.isArray(aud) ? aud : [aud];
    const kind = typ?.toLowerCase().replace(/^application\//, '');
    return iss === issuer && audiences.every((a) => typeof a === 'string') && audiences.includes(audience) &&
        isDate(exp) && exp > now - 30 && (nbf === undefined || (isDate(nbf) && nbf <= now + 30)) &&
        (iat === undefined || (isDate(iat) && iat <= now + 30 && iat >= now - 3630)) &&
        exp - (iat ?? now) <= 86400 && kind === 'at+jwt' && !('nonce' in claims) && !('at_hash' in claims) &&
        !('c_hash' in claims) && !('cnf' in claims) && typeof sub === 'string' && /^[ -~]{1,255}$/.test(sub) &&
        ![claims.client_id, claims.azp, claims.cid, claims.appid].includes(sub) &&
        ![claims.idtyp].flat().includes('app') &&
        ![claims.gty].flat().some((gty) => ['client-credentials', 'client_credentials'].includes(gty));
}

function accepted(token, keys, signatureOnly) {
    const parts = token.split('.');
    if (token.length > 65536 || parts.length !== 3 || !/^[\w.-]+$/.test(token) || parts[0] === '' ||
        parts[0].length > 4096 || parts[2] === '') {
        return false;
    }
    const [head, body, signature] = parts.map(decode);
    const header = head && strictObject(head);
    if (!header || !body || !signature || !(typeof header.alg === 'string' && header.alg in algs) ||
        ['crit', 'b64', 'jwk', 'zip', 'enc'].some((name) => name in header) ||
        ('cty' in header && (typeof header.cty !== 'string' || /jwt$/i.test(header.cty))) ||
        ('typ' in header && (typeof header.typ !== 'string' || header.typ === '')) ||
        ('kid' in header && (typeof header.kid !== 'string' || Buffer.byteLength(header.kid) > 256))) {
        return false;
    }
    const good = keys.map((jwk) => [jwk, usable(jwk)]).filter(([, key]) => key);
    const found = 'kid' in header ? good.filter(([jwk]) => jwk.kid === header.kid) :
        good.filter(([jwk, key]) => fits(header.alg, key, jwk));
    if (found.length !== 1 || !fits(header.alg, found[0][1], found[0][0])) {
        return false;
    }
    const verified = crypto.verify(hash(header.alg), Buffer.from(`${parts[0]}.${parts[1]}`),
        options(header.alg, found[0][1]), signature);
    if (!verified || signatureOnly) {
        return verified;
    }
    const claims = strictObject(body);
    return claims !== undefined && claimsAccepted(claims, header.typ);
}

// ---- pam-oauth's -----------------------------------------------------------------------------------

const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'pam_oauth_differential.'));
process.on('exit', () => fs.rmSync(directory, {recursive: true}));
const file = (name, text) => {
    fs.writeFileSync(path.join(directory, name), text, 'latin1');
    return path.join(directory, name);
};

function answers(tokens, jwks, signatureOnly) {
    const words = ['verify', '--jwks', file('jwks', Buffer.from(jwks).toString('latin1')), '--at', String(now),
        '--algorithms', `${Object.keys(algs).join(' ')}`, '--batch'];
    words.push(...(signatureOnly ? ['--signature-only'] : ['--issuer', issuer, '--audience', audience]));
    words.push(file('tokens', tokens.map((token) => `${token}\n`).join('')));
    let out;
    try {
        out = execFileSync(program, words, {encoding: 'latin1', maxBuffer: 2 ** 28, stdio: ['ignore', 'pipe', 'pipe']});
    } catch (error) {
        if (error.status !== 1 && error.status !== 2) {
            throw new Error(`exit ${error.status ?? error.signal}: ${error.stderr}`);
        }
        out = error.stdout;
    }
    return out.trimEnd().split('\n');
}

const counts = {tokens: 0, sets: 0, accepted: 0};
function compare(tokens, keys, jwks, signatureOnly) {
    const lines = answers(tokens, jwks, signatureOnly);
    if (lines.length === 1 && lines[0].startsWith('failed: keys_unavailable: ')) {
        tokens.forEach((token) => differ(token, jwks, lines[0], accepted(token, keys, signatureOnly), false));
        return;
    }
    if (lines.length !== tokens.length) {
        throw new Error(`${tokens.length} tokens, ${lines.length} answers, seed ${seed}`);
    }
    tokens.forEach((token, i) => {
        const theirs = lines[i].startsWith('accepted');
        counts.accepted += theirs;
        differ(token, jwks, lines[i], accepted(token, keys, signatureOnly), theirs);
    });
}
function differ(token, jwks, line, ours, theirs) {
    counts.tokens++;
    if (ours !== theirs) {
        console.log(`FAILED: node says ${ours}, pam-oauth says: ${line}\n${token}\n${jwks}\nseed ${seed}`);
        process.exit(1);
    }
}

function mutateKey(jwk) {
    const name = pick([...Object.keys(jwk), 'use', 'key_ops', 'alg', 'd', 'kid', 'x', 'n']);
    switch (random(5)) {
    case 0: delete jwk[name]; break;
    case 1: jwk[name] = pick([...junk, 'sig', 'enc', ['verify'], ['sign'], 'EC', 'OKP', 'RSA', 'P-256', 'P-384',
        'Ed25519', 'Ed448', 'AQAB', 'Aw', ...Object.keys(algs), ...Object.keys(kinds)]); break;
    case 2: if (typeof jwk[name] === 'string' && jwk[name] !== '') jwk[name] = mutateText(jwk[name]); break;
    case 3: if (typeof jwk[name] === 'string') jwk[name] = 'AA' + jwk[name]; break;
    default: jwk.alg = pick(Object.keys(algs)); break;
    }
}

const plain = Object.keys(algs).map((alg) => {
    const message = [{typ: 'at+jwt', alg, kid: algs[alg]},
        {iss: issuer, aud: audience, sub: '248', exp: now + 300}].map((part) => b64(JSON.stringify(part))).join('.');
    return `${message}.${b64(crypto.sign(hash(alg), Buffer.from(message), options(alg, pairs[algs[alg]].privateKey)))}`;
});
const nameless = plain.map((token) => {
    const alg = JSON.parse(Buffer.from(token.split('.')[0], 'base64url')).alg;
    const message = `${b64(JSON.stringify({alg}))}.${token.split('.')[1]}`;
    return `${message}.${b64(crypto.sign(hash(alg), Buffer.from(message), options(alg, pairs[algs[alg]].privateKey)))}`;
});

const end = Date.now() + Number(seconds) * 1000;
while (Date.now() < end) {
    const tokens = Array.from({length: 200}, randomToken);
    compare(tokens, allKeys, JSON.stringify({keys: allKeys}), chance(30));
    for (let i = 0; i < 20; i++) {
        const keys = structuredClone(allKeys);
        for (let n = 1 + random(3); n > 0; n--) {
            mutateKey(pick(keys));
        }
        if (chance(20)) {
            keys.push(structuredClone(pick(keys)));
        }
        if (chance(30)) {
            keys.sort(() => random(3) - 1);
        }
        counts.sets++;
        compare([...plain, ...nameless], keys, JSON.stringify({keys}), true);
    }
}
console.log(`differential: ${counts.tokens} tokens (${counts.accepted} accepted), ${counts.sets} key sets, ` +
    `no difference, seed ${seed}`);
