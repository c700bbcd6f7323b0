// Where pam-oauth and npm jose differ, and why ours is right. A difference that no row foretells is
// a failure, and so is a row that foretells none.
//
// `stricter`: we refuse what jose accepts. Whenever holds() is true we must refuse, for one of the
// reasons `words`. `broader`: we accept what jose refuses. jose is then asked again as `again` says,
// without what the row is about, and that answer must be ours.
//
// holds() looks at the input alone (case.mjs).
import {audiences, maxLifetime, now} from './profiles.mjs';
import {b64, unb64} from './numbers.mjs';
import {fits} from './judges/arithmetic.mjs';
import {kindOf} from './keyfaults.mjs';
import {privateKeys, sign} from './sign.mjs';

const has = (c, ...names) => c.header !== undefined && names.some((name) => name in c.header);
const opened = (c) => c.isCompact && !c.profile.signatureOnly; // its claims count
const claims = (c, ...names) => opened(c) && names.some((name) => name in c.claims);
const fault = (name) => (c) => c.soleFaults.includes(name);
const faulty = (c, name) => c.headerFaults.has(name) || (opened(c) && c.payloadFaults.has(name));
const isText = (value, most) => typeof value === 'string' && Buffer.byteLength(value) <= most;

const date = (c, name) => (opened(c) && typeof c.claims[name] === 'number' ? c.claims[name] : undefined);
const isDate = (seconds) => seconds > 0 && seconds <= 253402300799;
const strange = (c, name) => date(c, name) !== undefined && !isDate(date(c, name));

// An access token by its typ; the other kinds may have an azp, which then has to be ours.
const isAccess = (c) => c.profile.kind === 'access' || c.typ === 'at+jwt';
function isForAnother(c) {
    const {azp, aud} = c.claims;
    return 'azp' in c.claims ? !audiences.includes(azp) : Array.isArray(aud) && aud.length > 1;
}
// As the clients of a few providers show themselves in the tokens they get for themselves.
function isProgram({sub, idtyp, gty, ...payload}) {
    const says = (value, ...words) => [value].flat().some((word) => words.includes(word));
    return typeof sub === 'string' && (['client_id', 'azp', 'cid', 'appid'].some((name) => payload[name] === sub) ||
        says(idtyp, 'app') || says(gty, 'client-credentials', 'client_credentials'));
}

const tokens = [
    {name: 'token too long', clause: 'R32', words: ['malformed'],
        why: 'more than 65536 bytes, or 4096 of header, are refused before any work',
        holds: (c) => c.token.length > 65536 || (c.isCompact && c.parts[0].length > 4096)},
    {name: 'second spelling of base64url', clause: 'R34, RFC 7515 2', words: ['malformed'],
        why: 'padding, other alphabets, blanks and spare bits would give one token many texts',
        holds: (c) => c.isCompact && !c.isCanonical},
    {name: 'JSON: name twice', clause: 'R35, RFC 7515 4, RFC 7519 4', words: ['malformed'],
        why: 'two readers could each take another of the two', holds: (c) => faulty(c, 'duplicate')},
    {name: 'JSON: not UTF-8', clause: 'R35, RFC 8259 8.1', words: ['malformed'],
        why: 'a byte order mark or a bad sequence is not repaired in what was signed',
        holds: (c) => faulty(c, 'encoding')},
    {name: 'JSON: NUL, half a surrogate pair', clause: 'R35, RFC 8259 8.2', words: ['malformed'],
        why: 'no C string and no UTF-8 can hold it: names would be compared cut or changed',
        holds: (c) => faulty(c, 'text')},
    {name: 'JSON: beyond limits', clause: 'R35, RFC 8259 9', words: ['malformed'],
        why: 'nesting, members, strings and numbers are bounded, as the RFC allows',
        holds: (c) => faulty(c, 'limits')},
    {name: 'crit, b64', clause: 'R41, RFC 7797 6', words: ['header'],
        why: 'no extension is understood here; the payload of a JWT is base64url', holds: (c) => has(c, 'crit', 'b64')},
    {name: 'jwk', clause: 'R40, RFC 8725 3.10', words: ['header'],
        why: 'a key that came with the token proves nothing', holds: (c) => has(c, 'jwk')},
    {name: 'zip, enc', clause: 'R42, RFC 7516 4.1', words: ['header'],
        why: 'they belong to JWE: somebody takes this token for one', holds: (c) => has(c, 'zip', 'enc')},
    {name: 'cty of a nested token', clause: 'R42, RFC 7515 4.1.10, RFC 7519 5.2', words: ['header'],
        why: 'the payload is another token, which nobody has verified',
        holds: (c) => has(c, 'cty') && !(typeof c.header.cty === 'string' && !/jwt$/i.test(c.header.cty))},
    {name: 'kid of another type or too long', clause: 'R38, RFC 7515 4.1.4', words: ['header'],
        why: 'a kid that is there must be the string that chooses the key',
        holds: (c) => has(c, 'kid') && !isText(c.kid, 256)},
    {name: 'typ of another type or empty', clause: 'R43, RFC 7515 4.1.9', words: ['type'],
        why: 'a typ that is there must be a media type',
        holds: (c) => has(c, 'typ') && (typeof c.header.typ !== 'string' || c.header.typ === '')},
];

const keys = [
    {name: 'key set: JSON', clause: 'R67, R35', words: ['keys_unavailable'],
        why: 'the same strict JSON as everywhere, within larger limits',
        holds: (c) => c.set.jsonFaults.size > 0},
    {name: 'key set too large', clause: 'R67', words: ['keys_unavailable'],
        why: 'no provider has 100 keys or 512 KiB of them', holds: (c) => c.set.isTooLarge},
    {name: 'kid of two keys', clause: 'R39, RFC 7517 4.5', words: ['unknown_key'],
        why: 'a kid that names two keys, of whatever type, names none', holds: (c) => c.sharesKid},
    {name: 'key with a private member', clause: 'R67, RFC 7517 9.2', words: ['unknown_key', 'keys_unavailable'],
        why: 'whoever read the set can sign with it', holds: fault('private')},
    {name: 'key for another purpose', clause: 'R37, RFC 7517 4.2, 4.3', words: ['unknown_key', 'keys_unavailable'],
        why: 'a use or key_ops that is there must say sig or verify, in the right type', holds: fault('purpose')},
    {name: 'key with a strange kid', clause: 'R38, RFC 7517 4.5', words: ['unknown_key', 'keys_unavailable'],
        why: 'not a string, or longer than a header may name', holds: fault('kid')},
    {name: 'key with a strange alg', clause: 'R37, RFC 7517 4.4', words: ['unknown_key', 'keys_unavailable'],
        why: 'an alg that is there must be one, and fit the key', holds: fault('alg')},
    {name: 'key of another tenant', clause: 'R28', words: ['unknown_key', 'keys_unavailable'],
        why: 'a key says for which tenant of its publisher it is, in a member `issuer`', holds: fault('tenant')},
    {name: 'key: second spelling of base64url', clause: 'R34, RFC 7518 2', words: ['unknown_key', 'keys_unavailable'],
        why: 'as in a token', holds: fault('base64url')},
    {name: 'RSA: size', clause: 'R44, RFC 7518 3.3', words: ['unknown_key', 'keys_unavailable'],
        why: 'more than 8192 bits cost more than they protect (CVE-2023-6237)', holds: fault('rsa-size')},
    {name: 'RSA: exponent', clause: 'R44, FIPS 186-5 5.4', words: ['unknown_key', 'keys_unavailable'],
        why: 'odd and 65537 to 2^32-1: a small one forgives bad padding, a large one costs time',
        holds: fault('rsa-exponent')},
    {name: 'RSA: ROCA', clause: 'R44, CVE-2017-15361', words: ['unknown_key', 'keys_unavailable'],
        why: 'its factors can be computed', holds: fault('rsa-roca')},
    {name: 'RSA: prime modulus', clause: 'R44, RFC 8017 3.1', words: ['unknown_key', 'keys_unavailable'],
        why: 'the private key follows from the public one', holds: fault('rsa-prime')},
    {name: 'EC: width of a coordinate', clause: 'R45, RFC 7518 6.2.1.2', words: ['unknown_key', 'keys_unavailable'],
        why: 'the text must be as long as the field, zeros included', holds: fault('ec-width')},
    {name: 'OKP: encoding', clause: 'R46, RFC 8032 5.1.3', words: ['unknown_key', 'keys_unavailable'],
        why: 'a y of p or more is a second spelling of a key', holds: fault('okp-encoding')},
    {name: 'OKP: small order', clause: 'R46, RFC 8032 5.1', words: ['unknown_key', 'keys_unavailable'],
        why: 'a constant signature fits any message', holds: fault('okp-order')},
    {name: 'Ed448 under the name EdDSA', clause: 'R36, RFC 8037 3.1', words: ['unknown_key'],
        why: 'the curve is an opt-in, whatever its algorithm is called',
        holds: (c) => c.sole?.crv === 'Ed448' && c.soleFaults.length === 0 && !c.profile.algorithms.includes('Ed448')},
];

const payloads = [
    {name: 'aud with something that is no string', clause: 'R52, RFC 7519 4.1.3', words: ['audience'],
        why: 'the RFC allows strings alone',
        holds: (c) => opened(c) && Array.isArray(c.claims.aud) && c.claims.aud.some((a) => typeof a !== 'string')},
    {name: 'azp', clause: 'R52, OpenID Connect Core 3.1.3.7', words: ['audience'],
        why: 'an ID token for another client, or for several without saying whose it is',
        holds: (c) => opened(c) && !isAccess(c) && isForAnother(c)},
    {name: 'dates before 1970 or after 9999', clause: 'R53, R54, RFC 7519 2',
        words: ['expired', 'not_yet_valid', 'claim'],
        why: 'they are mistakes, and arithmetic with them goes wrong',
        holds: (c) => ['exp', 'nbf', 'iat'].some((name) => strange(c, name))},
    {name: 'lifetime', clause: 'R56, RFC 8725 3.9', words: ['too_old'],
        why: 'a token of more than a day is a password',
        holds: (c) => date(c, 'exp') - (date(c, 'iat') ?? now) > maxLifetime},
    {name: 'ID token as an access token', clause: 'R62, RFC 8725 3.12', words: ['type'],
        why: 'nonce, at_hash and c_hash are in ID tokens alone',
        holds: (c) => c.profile.kind === 'access' && claims(c, 'nonce', 'at_hash', 'c_hash')},
    {name: 'access token as an ID token', clause: 'R62, RFC 9068 4', words: ['type'],
        why: 'its typ says what it is', holds: (c) => c.profile.kind === 'id' && c.typ === 'at+jwt'},
    {name: 'typ of something else', clause: 'R43, RFC 8725 3.11', words: ['type'],
        why: 'a logout token, a proof, an event is signed by the same keys',
        holds: (c) => opened(c) && c.typ !== undefined && !['jwt', 'at+jwt'].includes(c.typ)},
    {name: 'token of a program', clause: 'R30, RFC 9700 4.15', words: ['type'],
        why: 'no person approved it', holds: (c) => opened(c) && isProgram(c.claims)},
    {name: 'cnf', clause: 'R60, RFC 7800 3.1', words: ['claim'],
        why: 'it is bound to a key whose possession nobody has shown', holds: (c) => claims(c, 'cnf')},
    {name: 'sub', clause: 'R61, OpenID Connect Core 2', words: ['claim'],
        why: '1 to 255 printable ASCII characters',
        holds: (c) => claims(c, 'sub') && !/^[ -~]{1,255}$/.test(typeof c.claims.sub === 'string' ? c.claims.sub : '')},
];

// The token as EdDSA with an Ed448 key: signed again, well or badly as it was before.
function asEdDsa(c) {
    const owner = Object.keys(privateKeys).find((name) => c.chosen !== undefined && privateKeys[name].x === c.chosen.x);
    const message = `${b64(JSON.stringify({...c.header, alg: 'EdDSA'}))}.${c.parts[1]}`;
    const good = owner !== undefined && fits('Ed448', c.chosen, c.signed, c.signature) === true;
    return `${message}.${good ? b64(sign('EdDSA', owner, message)) : b64(Buffer.alloc(114))}`;
}
const canUse = (c) => c.set.usable.filter((jwk) => jwk.crv !== 'Ed448' || c.profile.algorithms.includes('Ed448'));

export const stricter = [...tokens, ...keys, ...payloads];
export const broader = [
    {name: 'broken keys beside a good one', clause: 'R49, R67, RFC 7517 5',
        why: 'a key that cannot be used is passed over; jose refuses the set, or finds the choice unclear',
        holds: (c) => c.set.keys.length > c.set.usable.length || c.candidates.length > c.usable.length,
        again: (c, question) => ({...question, keys: canUse(c)})},
    {name: 'no iat', clause: 'R56, RFC 7519 4.1.6',
        why: 'iat is optional; max_token_lifetime bounds the token without it (tests/DEVIATIONS.md)',
        holds: (c) => opened(c) && c.profile.kind !== 'id' && c.header !== undefined && !('iat' in c.claims),
        again: (c, question) => ({...question, options: {maxTokenAge: undefined}})},
    {name: 'Ed448 by its own name', clause: 'R36, RFC 9864 2.2',
        why: 'jose 5 has the curve under the name EdDSA only, and is asked for that',
        holds: (c) => c.alg === 'Ed448' && c.profile.algorithms.includes('Ed448') && c.isCompact,
        again: (c, question) => ({...question, token: asEdDsa(c), keys: canUse(c)
            .filter((jwk) => kindOf(jwk) === 'Ed448' && (jwk.alg ?? 'Ed448') === 'Ed448')
            .map(({alg, ...jwk}) => jwk)})},
];
