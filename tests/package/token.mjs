// A key set and a token that it verifies: `token.mjs JWKS-FILE TOKEN-FILE`.
import {createSign, generateKeyPairSync} from 'node:crypto';
import {writeFileSync} from 'node:fs';

const [, , jwksFile, tokenFile] = process.argv;
const {privateKey, publicKey} = generateKeyPairSync('rsa', {modulusLength: 2048});
const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const now = Math.floor(Date.now() / 1000);
const signed = `${part({alg: 'RS256', typ: 'at+jwt', kid: 'k1'})}.${part({
    iss: 'https://sso.example.org/realms/corp', sub: '248289761001', aud: 'ssh://testhost',
    iat: now, exp: now + 3600})}`;
const signature = createSign('sha256').update(signed).sign(privateKey).toString('base64url');

writeFileSync(jwksFile, JSON.stringify({keys: [{...publicKey.export({format: 'jwk'}), kid: 'k1', alg: 'RS256'}]}));
writeFileSync(tokenFile, `${signed}.${signature}\n`);
