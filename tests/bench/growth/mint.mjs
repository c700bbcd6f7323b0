// What grows in the measurements:
//
//   mint.mjs keys COUNT KID <JWKS      so many keys: COUNT - 1 of RSA, and the one of this kid last
//   mint.mjs groups BYTES              a member `groups` that makes a token about so much longer
//
// Nobody signs with the other keys, so their moduli are only numbers of the right size.
import crypto from 'node:crypto';
import fs from 'node:fs';

const operations = {
    keys(count, kid) {
        const ours = JSON.parse(fs.readFileSync(0, 'utf8')).keys.find((key) => key.kid === kid);
        const others = Array.from({length: count - 1}, (_, i) => {
            const modulus = crypto.randomBytes(256);
            modulus[0] |= 128;
            modulus[255] |= 1;
            return {kty: 'RSA', kid: `${i}-${crypto.randomBytes(16).toString('hex')}`, alg: 'RS256', use: 'sig',
                n: modulus.toString('base64url'), e: 'AQAB'};
        });
        return JSON.stringify({keys: [...others, ours]});
    },
    groups(bytes) {
        const one = () => crypto.randomUUID();
        return `"groups":${JSON.stringify(Array.from({length: Math.floor(bytes * 0.75 / 39)}, one))}`;
    },
};

const [operation, ...words] = process.argv.slice(2);
console.log(operations[operation](Number(words[0]), words[1]));
