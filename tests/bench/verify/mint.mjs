// Writes what the verifiers are measured with: DIRECTORY/ALG/{alg,jwk,jwks,pem,token,altered}.
// The token is of the size and shape that Keycloak sends, 568 bytes of payload.
import crypto from 'node:crypto';
import fs from 'node:fs';

const [directory] = process.argv.slice(2);
const now = Math.floor(Date.now() / 1000);
const claims = {
    exp: now + 3600, iat: now, jti: '5a9e2b1c-7a61-4be1-9d21-5e0b7a2f6c11',
    iss: 'https://sso.example.org/realms/corp', aud: ['ssh://build-3', 'account'],
    sub: 'f3b1c1d0-6a1c-4a52-8f1e-1f5f0f0d2c11', typ: 'Bearer', azp: 'linux-login',
    sid: '0d9a4c1e-93b7-4c0e-8a55-6a7d1c9e2f10', acr: '1',
    realm_access: {roles: ['offline_access', 'uma_authorization', 'default-roles-corp']},
    groups: ['/linux-users', '/ops'], scope: 'openid profile email', email_verified: true,
    preferred_username: 'alice', email: 'alice@example.org',
};
const kinds = {
    RS256: ['rsa', {modulusLength: 2048}], PS256: ['rsa', {modulusLength: 2048}],
    ES256: ['ec', {namedCurve: 'P-256'}], ES384: ['ec', {namedCurve: 'P-384'}], EdDSA: ['ed25519', {}],
};

const encode = (value) => Buffer.from(value).toString('base64url');
for (const [alg, [kind, options]] of Object.entries(kinds)) {
    const {publicKey, privateKey} = crypto.generateKeyPairSync(kind, options);
    const jwk = {...publicKey.export({format: 'jwk'}), kid: 'FJ86GcF3jTbNLOco4NvZkUCIUmfYCqoqtOQeMfbhNlE', alg, use: 'sig'};
    const message = [{alg, typ: 'JWT', kid: jwk.kid}, claims].map((part) => encode(JSON.stringify(part))).join('.');
    const signature = crypto.sign(alg === 'EdDSA' ? null : `sha${alg.slice(2)}`, Buffer.from(message), {
        key: privateKey, dsaEncoding: 'ieee-p1363',
        ...(alg === 'PS256' && {padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: 32}),
    });
    const altered = Buffer.from(signature);
    altered[20] ^= 1;
    const files = {
        alg, jwk: JSON.stringify(jwk), jwks: JSON.stringify({keys: [jwk]}),
        pem: publicKey.export({format: 'pem', type: 'spki'}),
        token: `${message}.${encode(signature)}`, altered: `${message}.${encode(altered)}`,
    };
    fs.mkdirSync(`${directory}/${alg}`, {recursive: true});
    for (const [name, text] of Object.entries(files)) {
        fs.writeFileSync(`${directory}/${alg}/${name}`, text);
    }
}
