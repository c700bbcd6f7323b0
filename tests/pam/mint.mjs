// Keys and tokens for tests/pam, with node's own crypto.
//
//   mint.mjs DIR                  makes DIR/corp.jwks, the private keys and the usual tokens
//   mint.mjs DIR NAME [PAYLOAD] [KEY] [HEADER]   one more token; members over a good one, JSON
import crypto from 'node:crypto';
import fs from 'node:fs';

const [directory, name, ...more] = process.argv.slice(2);
const now = Math.floor(Date.now() / 1000);
const algs = {k1: 'RS256', k2: 'PS256', k3: 'ES256', k4: 'EdDSA', evil: 'RS256'};

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

function generate(alg) {
    if (alg === 'ES256') {
        return crypto.generateKeyPairSync('ec', {namedCurve: 'P-256'});
    }
    return alg === 'EdDSA' ? crypto.generateKeyPairSync('ed25519') :
        crypto.generateKeyPairSync('rsa', {modulusLength: 2048});
}

function keys() {
    const kept = `${directory}/private.json`;
    if (!fs.existsSync(kept)) {
        const made = Object.fromEntries(Object.entries(algs).map(([kid, alg]) =>
            [kid, generate(alg).privateKey.export({format: 'jwk'})]));
        fs.writeFileSync(kept, JSON.stringify(made), {mode: 0o600});
        const published = Object.entries(made).filter(([kid]) => kid !== 'evil').map(([kid, key]) => {
            const {d, p, q, dp, dq, qi, ...open} = key;
            return {...open, kid, alg: algs[kid], use: 'sig'};
        });
        fs.writeFileSync(`${directory}/corp.jwks`, JSON.stringify({keys: published}));
    }
    return JSON.parse(fs.readFileSync(kept, 'utf8'));
}

function sign(alg, message, jwk) {
    const key = crypto.createPrivateKey({key: jwk, format: 'jwk'});
    const data = Buffer.from(message);
    if (alg === 'EdDSA') {
        return crypto.sign(null, data, key);
    }
    if (alg === 'PS256') {
        return crypto.sign('sha256', data,
            {key, padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: 32});
    }
    return crypto.sign('sha256', data, {key, dsaEncoding: 'ieee-p1363'});
}

function mint(token, payload = {}, kid = 'k1', header = {}) {
    const alg = algs[kid];
    const first = encode({typ: 'at+jwt', alg, kid, ...header});
    const second = encode({iss: 'https://sso.example.org/realms/corp', aud: 'ssh://testhost',
        sub: '248289761001', azp: 'linux-login', iat: now - 10, exp: now + 1800, jti: `jti-${token}`,
        ...payload});
    const signature = sign(alg, `${first}.${second}`, keys()[kid]).toString('base64url');
    fs.writeFileSync(`${directory}/tokens/${token}`, `${first}.${second}.${signature}\n`);
    return `${first}.${second}.${signature}`;
}

if (name !== undefined) {
    mint(name, ...more.map((text, i) => (i === 1 ? text : JSON.parse(text))));
} else {
    fs.mkdirSync(`${directory}/tokens`, {recursive: true});
    const good = mint('good');
    mint('bob', {sub: '90125'});
    mint('ps256', {}, 'k2');
    mint('es256', {}, 'k3');
    mint('eddsa', {}, 'k4');
    mint('expired', {iat: now - 7200, exp: now - 3600});
    mint('future', {nbf: now + 3600});
    mint('later', {iat: now + 3600, nbf: now + 3600, exp: now + 7200});
    mint('fraction', {iat: now - 10.5, exp: now + 1800.5});
    mint('kid_lines', {}, 'k1', {kid: 'x\nevent=sign_in v=1 verdict=accepted\r\u0085\u2028'});
    mint('kid_escape', {}, 'k1', {kid: '\u001b[2J\u009b31m\u202e%s%n"\\'});
    mint('kid_long', {}, 'k1', {kid: 'k'.repeat(255)});
    mint('sub_lines', {sub: 'x\nevent=sign_in\u001b[2J\u202e%n"'});
    mint('sub_long', {sub: 's'.repeat(255)});
    mint('canary', {email: 'canary@example.org', canary: 'canary', groups: ['canary']});
    mint('audience', {aud: 'ssh://otherhost'});
    mint('issuer', {iss: 'https://evil.example'});
    mint('unmapped', {sub: '666'});
    mint('denied', {sub: '777'});
    mint('type', {}, 'k1', {typ: 'JWT'});
    mint('claim', {cnf: {jkt: 'x'}});
    mint('forged', {}, 'evil', {kid: 'k1'});
    mint('unknown_key', {}, 'evil', {kid: 'nobody'});
    mint('header', {}, 'k1', {crit: ['exp']});
    mint('alg', {}, 'k1', {alg: 'none'});
    // Keycloak-like size; and one of 15 kB, as with 300 groups
    mint('usual', {realm_access: {roles: ['default-roles-corp', 'offline_access']},
        sid: crypto.randomUUID(), groups: ['Linux Users', 'ops', 'staff'], scope: 'openid email'});
    mint('large', {groups: Array.from({length: 300}, () => crypto.randomUUID())});
    // the provider "away" has no keys here; "faked" answers through tests/pam/fetcher.c
    mint('away', {iss: 'https://127.0.0.1:1/away'});
    mint('faked', {iss: 'https://faked.example'});
    // what the device flow brings when it was approved two and a half minutes later
    mint('approved', {iss: 'https://faked.example', aud: 'linux-login', iat: now + 150,
        exp: now + 600}, 'k1', {typ: 'JWT'});
    // keys from before and after a rotation: `old.jwks` has only k2
    mint('faked_k2', {iss: 'https://faked.example'}, 'k2');
    const {keys: published} = JSON.parse(fs.readFileSync(`${directory}/corp.jwks`, 'utf8'));
    fs.writeFileSync(`${directory}/old.jwks`,
        JSON.stringify({keys: published.filter(({kid}) => kid === 'k2')}));
    mint('faked_bad', {iss: 'https://faked.example'}, 'evil', {kid: 'k1'});
    mint('faked_unknown', {iss: 'https://faked.example'}, 'evil', {kid: 'nobody'});
    const at = good.length - 20;
    fs.writeFileSync(`${directory}/tokens/tampered`,
        good.slice(0, at) + (good[at] === 'A' ? 'B' : 'A') + good.slice(at + 1) + '\n');
}
