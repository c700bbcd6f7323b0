// Why a key of a JWKS counts as not there (R37, R38, R44..R46, R67), by name; judged by node and by
// the curves of @noble, never by the program under test. An empty list is a good key.
import crypto from 'node:crypto';

import {ed25519} from '@noble/curves/ed25519';
import {ed448} from '@noble/curves/ed448';
import {p256, p384, p521} from '@noble/curves/nist';

import {b64, bitsOf, fromInt, toInt, toIntLE, unb64} from './numbers.mjs';

export const keyAlgorithms = {
    RSA: ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
    'P-256': ['ES256'], 'P-384': ['ES384'], 'P-521': ['ES512'],
    Ed25519: ['EdDSA', 'Ed25519'], Ed448: ['EdDSA', 'Ed448'],
};
const curves = {
    'P-256': {curve: p256, width: 32}, 'P-384': {curve: p384, width: 48}, 'P-521': {curve: p521, width: 66},
};
const edwards = {Ed25519: {curve: ed25519, width: 32}, Ed448: {curve: ed448, width: 57}};

// What can verify which algorithm: the type, or the curve.
export function kindOf(jwk) {
    if (jwk.kty === 'RSA') {
        return 'RSA';
    }
    const known = jwk.kty === 'EC' ? curves : jwk.kty === 'OKP' ? edwards : {};
    return typeof jwk.crv === 'string' && Object.hasOwn(known, jwk.crv) ? jwk.crv : undefined;
}

const isCanonical = (text) => typeof text === 'string' && b64(unb64(text)) === text;

const primes = new Map();
function isPrime(n) {
    if (!primes.has(n)) {
        primes.set(n, crypto.checkPrimeSync(fromInt(n)));
    }
    return primes.get(n);
}

// Nemec and others, 2017: n is a power of 65537 modulo every small prime.
function isRoca(n) {
    return [11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157].every((prime) => {
        const rest = Number(n % BigInt(prime));
        for (let i = 0, x = 1; i < prime; i++, x = x * 65537 % prime) {
            if (x === rest) {
                return true;
            }
        }
        return false;
    });
}

function* rsaFaults({n: nText, e: eText}) {
    const [n, e] = [toInt(unb64(nText)), toInt(unb64(eText))];
    if (bitsOf(n) < 2048 || bitsOf(n) > 8192 || unb64(nText).length > 1032) {
        yield 'rsa-size';
        return; // and no arithmetic
    }
    if (n % 2n === 0n) {
        yield 'rsa-even';
        return;
    }
    if (e % 2n === 0n || e < 65537n || e >= 2n ** 32n || unb64(eText).length > 16) {
        yield 'rsa-exponent';
    }
    if (isRoca(n)) {
        yield 'rsa-roca';
    }
    if (isPrime(n)) {
        yield 'rsa-prime';
    }
}

function* ecFaults({crv, x, y}) {
    const {curve, width} = curves[crv];
    if (unb64(x).length !== width || unb64(y).length !== width) {
        yield 'ec-width';
    }
    try {
        curve.Point.fromAffine({x: toInt(unb64(x)), y: toInt(unb64(y))}).assertValidity();
    } catch {
        yield 'ec-point';
    }
}

function* okpFaults({crv, x}) {
    const {curve, width} = edwards[crv];
    const bytes = unb64(x);
    if (bytes.length !== width) {
        yield 'okp-width';
        return;
    }
    const sign = 1n << BigInt(width * 8 - 1);
    if ((toIntLE(bytes) & ~sign) >= curve.Point.Fp.ORDER) {
        yield 'okp-encoding';
    }
    try {
        if (curve.Point.fromHex(bytes, true).isSmallOrder()) {
            yield 'okp-order';
        }
    } catch {
        yield 'okp-point';
    }
}

function* faults(jwk) {
    const kind = kindOf(jwk);
    if (kind === undefined) {
        yield 'type';
        return;
    }
    if (['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'].some((name) => name in jwk)) {
        yield 'private';
    }
    if (('use' in jwk && jwk.use !== 'sig') ||
        ('key_ops' in jwk && !(Array.isArray(jwk.key_ops) && jwk.key_ops.includes('verify')))) {
        yield 'purpose';
    }
    if ('kid' in jwk && (typeof jwk.kid !== 'string' || Buffer.byteLength(jwk.kid) > 256)) {
        yield 'kid';
    }
    if ('alg' in jwk && !keyAlgorithms[kind].includes(jwk.alg)) {
        yield 'alg';
    }
    const numbers = {RSA: ['n', 'e'], EC: ['x', 'y'], OKP: ['x']}[jwk.kty];
    if (numbers.some((name) => typeof jwk[name] !== 'string')) {
        yield 'numbers';
        return;
    }
    if (numbers.some((name) => !isCanonical(jwk[name]) || unb64(jwk[name]).length > 1100)) {
        yield 'base64url';
    }
    yield* jwk.kty === 'RSA' ? rsaFaults(jwk) : jwk.kty === 'EC' ? ecFaults(jwk) : okpFaults(jwk);
}

// Entra ID publishes the keys of all its tenants in one set, and in each for which tenant it is: the
// first step of an issuer's path, or a template for every one. R28.
const tenantOf = (url) => url.split('/')[3] ?? '';
function isOfOtherTenant(jwk, issuer) {
    if (!('issuer' in jwk) || issuer === undefined) {
        return false;
    }
    const tenant = typeof jwk.issuer === 'string' ? tenantOf(jwk.issuer) : '';
    return jwk.issuer !== issuer && tenant !== '{tenantid}' && (tenant === '' || tenant !== tenantOf(issuer));
}

// `issuer` is that of the tokens, undefined where nobody asks for it.
const known = new Map();
export function keyFaults(jwk, issuer) {
    if (jwk === null || typeof jwk !== 'object' || Array.isArray(jwk)) {
        return ['object'];
    }
    if (isOfOtherTenant(jwk, issuer)) {
        return ['tenant'];
    }
    const text = JSON.stringify(jwk);
    if (!known.has(text)) {
        known.set(text, [...faults(jwk)]);
    }
    return known.get(text);
}
