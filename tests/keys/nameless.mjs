// A key set of one key, whose name is NAME or none, on standard output; and a token of alice's by it:
// `nameless.mjs KEY-FILE ISSUER TOKEN-FILE`. The key is made where there is none.
import {createPrivateKey, createPublicKey, generateKeyPairSync, sign} from 'node:crypto';
import {existsSync, readFileSync, writeFileSync} from 'node:fs';

const [, , keyFile, issuer, tokenFile] = process.argv;
if (!existsSync(keyFile)) {
    const {privateKey} = generateKeyPairSync('ec', {namedCurve: 'P-256'});
    writeFileSync(keyFile, privateKey.export({format: 'pem', type: 'pkcs8'}));
}
const key = createPrivateKey(readFileSync(keyFile));
const name = process.env.NAME ? {kid: process.env.NAME} : {};
const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const now = Math.floor(Date.now() / 1000);
const signed = `${part({alg: 'ES256', typ: 'at+jwt', ...name})}.${part({
    iss: issuer, sub: '248289761001', aud: 'ssh://testhost', iat: now, exp: now + 3600})}`;
const signature = sign('sha256', Buffer.from(signed), {key, dsaEncoding: 'ieee-p1363'});

writeFileSync(tokenFile, `${signed}.${signature.toString('base64url')}\n`);
process.stdout.write(JSON.stringify({keys: [{...createPublicKey(key).export({format: 'jwk'}), ...name}]}));
