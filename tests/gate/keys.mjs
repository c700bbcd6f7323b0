// The keys of vectors/keys.jwks, behind others that nobody uses: keys.mjs lines|jwks COUNT
// As a provider publishes them (jwks), or as they are stored (lines: pam_oauth/jose/jwk.h).
import crypto from 'node:crypto';
import fs from 'node:fs';

const [form, count] = process.argv.slice(2);
const {keys} = JSON.parse(fs.readFileSync(new URL('vectors/keys.jwks', import.meta.url), 'utf8'));

// Bytes that are always the same, odd as a modulus is, with its first bit set.
function modulus(number) {
    const bytes = Buffer.concat(Array.from({length: 8}, (_, i) =>
        crypto.createHash('sha256').update(`gate ${number} ${i}`).digest()));
    bytes[0] |= 0x80;
    bytes[255] |= 1;
    return bytes.toString('base64url');
}

const others = Array.from({length: Math.max(0, count - keys.length)}, (_, number) => ({
    kid: crypto.createHash('sha256').update(`gate ${number}`).digest('base64url'),
    use: 'sig', alg: 'RS256', kty: 'RSA', n: modulus(number), e: 'AQAB'}));
const all = [...others, ...keys.slice(0, count)];

if (form === 'jwks') {
    process.stdout.write(JSON.stringify({keys: all}));
} else {
    process.stdout.write(all.map(({kid, kty, alg, crv, n, e, x, y}) =>
        `=${Buffer.from(kid).toString('base64url')} ${kty} ${alg} ${crv ?? '-'} ${n ?? x} ${e ?? y ?? '-'}\n`)
        .join(''));
}
