// Is this the signature of this message under this key? Answered by arithmetic that shares nothing
// with OpenSSL: the curves and digests of @noble, RSA in BigInt. Numbers are decoded as leniently as
// npm jose does, and the key is not questioned: what is proven here is the equation alone.
import {ed25519} from '@noble/curves/ed25519';
import {ed448} from '@noble/curves/ed448';
import {p256, p384, p521} from '@noble/curves/nist';
import {sha256, sha384, sha512} from '@noble/hashes/sha2';
import {shake256} from '@noble/hashes/sha3';

import {bitsOf, fromInt, inverse, mod, power, toInt, toIntLE, unb64} from '../numbers.mjs';

const digests = {256: sha256, 384: sha384, 512: sha512};
const digestOf = (alg) => (bytes) => Buffer.from(digests[alg.slice(2)](bytes));

// ---- RSA, RFC 8017 8.1.2 and 8.2.2 -------------------------------------------------------------

const digestNames = {256: 1, 384: 2, 512: 3}; // the last arc of 2.16.840.1.101.3.4.2

// 9.2, written out: only this text is right, parameters NULL, no other length.
function pkcs1Text(alg, message, width) {
    const size = Number(alg.slice(2)) / 8;
    const oid = Buffer.from([0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, digestNames[alg.slice(2)]]);
    const info = Buffer.concat([Buffer.from([0x30, 17 + size, 0x30, 13, 0x06, 9]), oid,
        Buffer.from([0x05, 0, 0x04, size]), digestOf(alg)(message)]);
    return Buffer.concat([Buffer.from([0, 1]), Buffer.alloc(width - 3 - info.length, 0xff), Buffer.from([0]), info]);
}

function isPss(alg, message, padded, bits) { // 9.1.2
    const hash = digestOf(alg);
    const size = Number(alg.slice(2)) / 8;
    const length = Math.ceil((bits - 1) / 8);
    const em = fromInt(padded, length);
    if (em.length !== length || length < 2 * size + 2 || em.at(-1) !== 0xbc) {
        return false;
    }
    const [masked, h] = [em.subarray(0, length - size - 1), em.subarray(length - size - 1, length - 1)];
    const blocks = Array.from({length: Math.ceil(masked.length / size)}, (_, i) =>
        hash(Buffer.concat([h, fromInt(BigInt(i), 4)])));
    const mask = Buffer.concat(blocks);
    const spare = 8 * length - (bits - 1);
    if (masked[0] >> (8 - spare) !== 0) {
        return false;
    }
    const db = Buffer.from(masked.map((byte, i) => byte ^ mask[i]));
    db[0] &= 0xff >> spare;
    const zeros = length - 2 * size - 2;
    return db.subarray(0, zeros).every((byte) => byte === 0) && db[zeros] === 1 &&
        hash(Buffer.concat([Buffer.alloc(8), hash(message), db.subarray(zeros + 1)])).equals(h);
}

function rsa(alg, jwk, message, signature) {
    const [n, e] = [toInt(unb64(jwk.n)), toInt(unb64(jwk.e))];
    const width = Math.ceil(bitsOf(n) / 8);
    const s = toInt(signature);
    if (signature.length !== width || s >= n) {
        return false;
    }
    const padded = power(s, e, n);
    return alg.startsWith('PS') ? isPss(alg, message, padded, bitsOf(n)) :
        fromInt(padded, width).equals(pkcs1Text(alg, message, width));
}

// ---- curves ------------------------------------------------------------------------------------

const points = new Map(); // of public keys, with tables for those that come again and again
function pointOf(name, make) {
    const known = points.get(name);
    if (known !== undefined) {
        known.uses++;
        if (known.uses === 20) {
            known.point.precompute(6);
        }
        return known.point;
    }
    const point = make();
    points.set(name, {point, uses: 1});
    return point;
}

// FIPS 186-5 6.4.2. Throws for a key that is not on its curve.
function ecdsa(curve, alg, jwk, message, signature) {
    const {Point} = curve;
    const n = Point.Fn.ORDER;
    const width = Point.Fp.BYTES;
    const [x, y] = [toInt(unb64(jwk.x)), toInt(unb64(jwk.y))];
    const q = pointOf(`${jwk.crv} ${x} ${y}`, () => {
        const point = Point.fromAffine({x, y});
        point.assertValidity();
        return point;
    });
    const [r, s] = [toInt(signature.subarray(0, width)), toInt(signature.subarray(width))];
    if (signature.length !== 2 * width || r < 1n || r >= n || s < 1n || s >= n) {
        return false;
    }
    const hashed = digestOf(alg)(message);
    const z = toInt(hashed) >> BigInt(Math.max(0, hashed.length * 8 - bitsOf(n)));
    const w = inverse(s, n);
    const sum = Point.BASE.multiplyUnsafe(mod(z * w, n)).add(q.multiplyUnsafe(mod(r * w, n)));
    return !sum.is0() && mod(sum.toAffine().x, n) === r;
}

// The point of a public key and the numbers of a signature, or undefined where S is out of range.
function eddsaNumbers({curve, width, order, hash}, jwk, message, signature, lenient) {
    const bytes = unb64(jwk.x);
    const a = pointOf(`${jwk.crv} ${jwk.x}`, () => curve.Point.fromHex(bytes, lenient));
    const r = signature.subarray(0, width);
    const s = toIntLE(signature.subarray(width));
    const k = mod(toIntLE(hash(Buffer.concat([r, bytes, message]))), order);
    return signature.length === 2 * width && s < order ? {a, r, s, k} : undefined;
}

// RFC 8032 5.1.7 without the cofactor, which is "sufficient, but not required": R is compared as it
// is written. A key is read as leniently as OpenSSL does.
const ed25519Kind = {curve: ed25519, width: 32, order: ed25519.Point.Fn.ORDER, hash: (bytes) => sha512(bytes)};
function isEd25519(jwk, message, signature) {
    const found = eddsaNumbers(ed25519Kind, jwk, message, signature, true);
    if (found === undefined) {
        return false;
    }
    const wanted = ed25519.Point.BASE.multiplyUnsafe(found.s).subtract(found.a.multiplyUnsafe(found.k));
    return Buffer.from(wanted.toBytes()).equals(found.r);
}

// 5.2.7 with the cofactor 4, as OpenSSL has it for this curve. It takes no point whose x is 0, of
// which nobody has a private key.
const ed448Kind = {curve: ed448, width: 57, order: ed448.Point.Fn.ORDER,
    hash: (bytes) => shake256(Buffer.concat([Buffer.from('SigEd448\0\0', 'latin1'), bytes]), {dkLen: 114})};
function isEd448(jwk, message, signature) {
    const found = eddsaNumbers(ed448Kind, jwk, message, signature, false);
    if (found === undefined) {
        return false;
    }
    const {a, s, k} = found;
    const r = ed448.Point.fromHex(found.r, false);
    const rest = ed448.Point.BASE.multiplyUnsafe(s).subtract(a.multiplyUnsafe(k)).subtract(r);
    return a.x !== 0n && r.x !== 0n && rest.clearCofactor().is0();
}

const weierstrass = {'P-256': p256, 'P-384': p384, 'P-521': p521};

function judged(alg, jwk, message, signature) {
    if (jwk.kty === 'RSA') {
        return rsa(alg, jwk, message, signature);
    }
    if (jwk.kty === 'EC') {
        return ecdsa(weierstrass[jwk.crv], alg, jwk, message, signature);
    }
    return jwk.crv === 'Ed25519' ? isEd25519(jwk, message, signature) : isEd448(jwk, message, signature);
}

// True, false, or undefined where the numbers are no key at all: then nobody may accept. The same
// tokens are asked about again and again, with one key set after the other.
const answers = new Map();
const answersMost = 10000;
export function fits(alg, jwk, signed, signature) {
    const {kty, crv, n, e, x, y} = jwk;
    const question = JSON.stringify([alg, kty, crv, n, e, x, y, signed, signature.toString('base64')]);
    if (!answers.has(question)) {
        let answer;
        try {
            answer = judged(alg, jwk, Buffer.from(signed), signature);
        } catch {
            answer = undefined;
        }
        if (answers.size >= answersMost) {
            answers.clear();
        }
        answers.set(question, answer);
    }
    return answers.get(question);
}
