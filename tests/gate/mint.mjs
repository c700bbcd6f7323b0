// Wrote the tokens and keys.jwks beside it: mint.mjs [DIR]. They are kept, and valid on 1 January 2100,
// because an ECDSA signature is another each time, and so is what it takes to verify it.
//
// A token is what Keycloak makes for a person with a few groups: a payload of 568 bytes.
import crypto from 'node:crypto';
import fs from 'node:fs';

const directory = process.argv[2] ?? new URL('.', import.meta.url).pathname;
const now = 4102444800;
const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const pss = {padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: 32};
const algorithms = {
    RS256: {type: 'rsa', options: {modulusLength: 2048}, digest: 'sha256'},
    PS256: {type: 'rsa', options: {modulusLength: 2048}, digest: 'sha256', signing: pss},
    ES256: {type: 'ec', options: {namedCurve: 'P-256'}, digest: 'sha256',
        signing: {dsaEncoding: 'ieee-p1363'}},
    EdDSA: {type: 'ed25519', options: {}, digest: null},
};

const payload = {
    iss: 'https://sso.example.org/realms/corp', aud: 'ssh://gate', sub: '248289761001',
    azp: 'linux-login', typ: 'Bearer', iat: now - 10, exp: now + 1800, auth_time: now - 30,
    jti: '4f1c2f7e-8a52-4d0e-9a3f-6f0f6a1f2c11', sid: '9d4a5b1c-0c7e-4f57-9f2e-2b7d1f6f7a55', acr: '1',
    realm_access: {roles: ['default-roles-corp', 'offline_access', 'uma_authorization']},
    scope: 'openid profile email', groups: ['Linux Users', 'ops', 'staff'],
    name: 'Alice Example', preferred_username: 'alice', email: 'alice@example.org',
};
payload.locale = 'x'.repeat(Math.max(0, 568 - JSON.stringify({...payload, locale: ''}).length));

const published = [];
for (const [alg, {type, options, digest, signing}] of Object.entries(algorithms)) {
    const {publicKey, privateKey} = crypto.generateKeyPairSync(type, options);
    const kid = crypto.createHash('sha256').update(`gate ${alg}`).digest('base64url');
    const text = `${encode({alg, typ: 'JWT', kid})}.${encode(payload)}`;
    const signature = crypto.sign(digest, Buffer.from(text), {key: privateKey, ...signing});
    fs.writeFileSync(`${directory}/${alg}.jwt`, `${text}.${signature.toString('base64url')}\n`);
    published.push({kid, use: 'sig', alg, ...publicKey.export({format: 'jwk'})});
}
fs.writeFileSync(`${directory}/keys.jwks`, `${JSON.stringify({keys: published}, null, 1)}\n`);
