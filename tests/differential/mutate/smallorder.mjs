// The public keys under which a signature can be made without any private key: points of small
// order on the Edwards curves, and their second spellings.
import {fits} from '../judges/arithmetic.mjs';
import {b64, fromIntLE} from '../numbers.mjs';
import {messageOf, publicJwk} from '../sign.mjs';

const p25519 = 2n ** 255n - 19n;
const p448 = 2n ** 448n - 2n ** 224n - 1n;
const y8 = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n; // of a point of order 8

const signs = (ys, width) => ys.flatMap((y) => [y, y | (1n << BigInt(width * 8 - 1))]).map((y) => fromIntLE(y, width));

// RFC 8032 5.1: y of the points of order 1, 2, 4 and 8; 0 and 1 have room for a second spelling.
export const points25519 = signs([1n, p25519 - 1n, 0n, y8, p25519 - y8, p25519, p25519 + 1n], 32);
// 5.2: of order 1, 2 and 4.
export const points448 = signs([1n, p448 - 1n, 0n, p448, p448 + 1n], 57);

// A token under such a key: R of small order too and S = 0, for the first message that they fit; or,
// where the equation cannot be made to hold, the last that was tried.
export function forgery(w, {alg, key}, x) {
    const jwk = {...publicJwk(key), x: b64(x)};
    const points = key === 'ed25519' ? points25519 : points448;
    const draft = w.draft({alg, key});
    for (let jti = 0; ; jti++) {
        const message = messageOf({...draft.header, kid: key}, {...draft.payload, jti});
        for (const r of points) {
            const signature = Buffer.concat([r, Buffer.alloc(x.length)]);
            if (jti === 12 || fits(alg, jwk, message, signature) === true) {
                return `${message}.${b64(signature)}`;
            }
        }
    }
}
