// Makes the keys of the tests anew: `node newkeys.mjs >keys.json`. They are kept in the tree so that
// a seed means the same tokens everywhere. Private keys of nothing.
import crypto from 'node:crypto';

import {b64, bitsOf, fromInt, inverse, toInt} from './numbers.mjs';

const prime = (bits) => toInt(Buffer.from(crypto.generatePrimeSync(bits)));

function jwkOfPrimes(p, q, e) {
    const d = inverse(e, (p - 1n) * (q - 1n));
    const numbers = {n: p * q, e, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p)};
    return {kty: 'RSA', ...Object.fromEntries(Object.entries(numbers).map(([k, v]) => [k, b64(fromInt(v))]))};
}

// `bits` exactly; e must have an inverse.
function rsa(bits, e = 65537n, next = prime) {
    for (;;) {
        const [p, q] = [next(bits - (bits >> 1)), next(bits >> 1)];
        const common = [p, q].some((x) => x % e === 1n);
        if (!common && p !== q && bitsOf(p * q) === bits) {
            return jwkOfPrimes(p, q, e);
        }
    }
}

// As the generator of CVE-2017-15361 made them: a power of 65537 modulo every small prime.
function rocaPrime(bits) {
    let product = 1n;
    for (let p = 2n; p < 160n; p++) {
        if (crypto.checkPrimeSync(fromInt(p))) {
            product *= p;
        }
    }
    for (;;) {
        let rest = 1n;
        for (let i = crypto.randomInt(2, 2 ** 20); i > 0; i--) {
            rest = rest * 65537n % product;
        }
        const most = toInt(crypto.randomBytes(bits / 8)) | (3n << BigInt(bits - 2));
        const candidate = most / product * product + rest;
        if (bitsOf(candidate) === bits && crypto.checkPrimeSync(fromInt(candidate))) {
            return candidate;
        }
    }
}

// Whoever reads the modulus of this one knows the private key.
function rsaPrime() {
    for (;;) {
        const n = prime(2048);
        if (n % 65537n !== 1n) {
            const d = inverse(65537n, n - 1n);
            return {kty: 'RSA', n: b64(fromInt(n)), e: 'AQAB', d: b64(fromInt(d))};
        }
    }
}

const made = (type, options) => crypto.generateKeyPairSync(type, options).privateKey.export({format: 'jwk'});
const ec = (namedCurve) => made('ec', {namedCurve});
function ecWithZero(namedCurve) { // in front of x
    for (;;) {
        const jwk = ec(namedCurve);
        if (Buffer.from(jwk.x, 'base64url')[0] === 0) {
            return jwk;
        }
    }
}

const keys = {
    rsa: rsa(2048), rsa_other: rsa(2048), rsa4096: rsa(4096), rsa8192: rsa(8192),
    rsa8200: rsa(8200), rsa1024: rsa(1024), rsa2047: rsa(2047), rsa_e3: rsa(2048, 3n),
    rsa_e32: rsa(2048, 4294967291n), rsa_e33: rsa(2048, 4294967297n),
    rsa_roca: rsa(2048, 65537n, rocaPrime), rsa_prime: rsaPrime(),
    p256: ec('P-256'), p256_other: ec('P-256'), p256_zero: ecWithZero('P-256'),
    p384: ec('P-384'), p384_other: ec('P-384'),
    p521: ecWithZero('P-521'), p521_other: ec('P-521'), secp256k1: ec('secp256k1'),
    ed25519: made('ed25519'), ed25519_other: made('ed25519'), x25519: made('x25519'),
    ed448: made('ed448'), ed448_other: made('ed448'),
};
console.log(JSON.stringify(keys, null, 1));
