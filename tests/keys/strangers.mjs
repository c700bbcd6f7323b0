// strangers.mjs COUNT: tokens of keys that nobody publishes, each with a kid of its own, one a line.
import crypto from 'node:crypto';

const { privateKey } = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
const now = Math.floor(Date.now() / 1000);
const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const claims = encode({ iss: 'https://x', aud: 'ssh://testhost', sub: '1', iat: now, exp: now + 300 });

for (let i = 0; i < Number(process.argv[2]); i++) {
  const head = encode({ alg: 'ES256', typ: 'at+jwt', kid: crypto.randomBytes(12).toString('hex') });
  const key = { key: privateKey, dsaEncoding: 'ieee-p1363' };
  const signature = crypto.sign('sha256', Buffer.from(`${head}.${claims}`), key).toString('base64url');
  console.log(`${head}.${claims}.${signature}`);
}
