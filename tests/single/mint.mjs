// Tokens that differ, by one key of the directory's own.
//
//   mint.mjs DIR COUNT [PAYLOAD]    one a line; members over a good payload, JSON
import crypto from 'node:crypto';
import fs from 'node:fs';

const [directory, count, payload] = process.argv.slice(2);
const kept = `${directory}/key.json`;
const now = Math.floor(Date.now() / 1000);
const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

if (!fs.existsSync(kept)) {
    const pair = crypto.generateKeyPairSync('ec', {namedCurve: 'P-256'});
    fs.writeFileSync(kept, JSON.stringify(pair.privateKey.export({format: 'jwk'})), {mode: 0o600});
    fs.writeFileSync(`${directory}/corp.jwks`, JSON.stringify({
        keys: [{...pair.publicKey.export({format: 'jwk'}), kid: 'k', alg: 'ES256', use: 'sig'}],
    }));
}
const key = crypto.createPrivateKey({key: JSON.parse(fs.readFileSync(kept, 'utf8')), format: 'jwk'});

for (let i = 0; i < Number(count); i++) {
    const first = encode({typ: 'at+jwt', alg: 'ES256', kid: 'k'});
    const second = encode({iss: 'https://sso.example.org/realms/corp', aud: 'ssh://testhost',
        sub: '248289761001', iat: now - 10, exp: now + 1800, jti: crypto.randomUUID(),
        ...JSON.parse(payload ?? '{}')});
    const signature = crypto.sign('sha256', Buffer.from(`${first}.${second}`),
        {key, dsaEncoding: 'ieee-p1363'}).toString('base64url');
    console.log(`${first}.${second}.${signature}`);
}
