// Makes keys and tokens to order, good and bad ones, for tests/cli: node's own crypto, nothing else.
//
// Bytes pass as they are (strings here are Latin-1, a character a byte): what is asked for as a
// header or a payload need not be JSON, nor UTF-8.
//
//   token KEY[/ALG] [CHANGE]...     a signed token
//   jwk KEY [CHANGE]...             the public key; the change PRIVATE adds its private part
//   pem KEY                         the public key as PEM
//
// KEY is a name; what it begins with says what it is (rsa, rsa1024, p256, ed25519, ed448 ...), and
// the same name is the same key. Changes of a token:
//
//   NAME=JSON  -NAME  +NAME=JSON    set, remove, add once more a member of the payload (or JWK)
//   h:NAME=JSON  h:-NAME  h:+NAME=JSON    the same for the header
//   @header=TEXT @payload=TEXT      the whole of it, whatever it is
//   @header-text=TEXT @payload-text=TEXT  in place of its base64url, and signed like that
//   @spare                          the unused bits of the payload's last character are not zero
//   @by=KEY                         signed by another key than the header says
//   @hmac=SECRET                    HS256 with these bytes
//   @signature=HEX @der @flip @salt=N     these bytes; ECDSA as DER; one bit wrong; PSS salt length
import crypto from 'node:crypto';

const issuer = process.env.ISSUER;
const audience = process.env.AUDIENCE;
const now = Number(process.env.NOW);

const encode = (latin1) => Buffer.from(latin1, 'latin1').toString('base64url');

// ---- keys ----------------------------------------------------------------------------------------

const curves = {p256: 'P-256', p384: 'P-384', p521: 'P-521'};
const pairs = new Map();

function generate(name) {
    const kind = /^[a-z0-9]+/.exec(name)[0];
    if (kind in curves) {
        return crypto.generateKeyPairSync('ec', {namedCurve: curves[kind]});
    }
    if (kind.startsWith('rsa')) {
        return crypto.generateKeyPairSync('rsa', {modulusLength: Number(kind.slice(3)) || 2048});
    }
    return crypto.generateKeyPairSync(kind);
}

function pair(name) {
    if (!pairs.has(name)) {
        pairs.set(name, generate(name));
    }
    return pairs.get(name);
}

const defaultAlg = (name) =>
    ({p256: 'ES256', p384: 'ES384', p521: 'ES512', ed25519: 'EdDSA', ed448: 'EdDSA'})[
        /^[a-z0-9]+/.exec(name)[0]] ?? 'RS256';

// ---- members as text, so that anything can stand there, twice too ----------------------------------

function change(members, word) {
    const remove = /^-(.*)$/s.exec(word);
    const set = /^(\+?)([^=]+)=(.*)$/s.exec(word);
    if (remove) {
        return members.filter(([name]) => name !== remove[1]);
    }
    const at = members.findIndex(([name]) => name === set[2]);
    if (set[1] === '+' || at < 0) {
        return [...members, [set[2], set[3]]];
    }
    return members.map((member, i) => (i === at ? [set[2], set[3]] : member));
}

const objectText = (members) =>
    '{' + members.map(([name, value]) => `"${name}":${value}`).join(',') + '}';

// ---- signatures ------------------------------------------------------------------------------------

function sign(alg, message, name, options) {
    const key = pair(name).privateKey;
    const data = Buffer.from(message, 'latin1');
    const digest = 'sha' + alg.slice(2);
    if (options.hmac !== undefined) {
        return crypto.createHmac('sha256', Buffer.from(options.hmac, 'latin1')).update(data).digest();
    }
    if (alg.startsWith('ES')) {
        return crypto.sign(digest, data, {key, dsaEncoding: options.der ? 'der' : 'ieee-p1363'});
    }
    if (alg.startsWith('PS')) {
        const saltLength = Number(options.salt ?? Number(alg.slice(2)) / 8);
        return crypto.sign(digest, data,
            {key, padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength});
    }
    return alg.startsWith('Ed') ? crypto.sign(null, data, key) : crypto.sign(digest, data, key);
}

// Adds one to the last character of a base64url text whose length leaves bits unused there.
function spare(text) {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    return text.slice(0, -1) + alphabet[alphabet.indexOf(text.at(-1)) + 1];
}

export function token([keyAndAlg, ...changes]) {
    const [name, alg = defaultAlg(name)] = keyAndAlg.split('/');
    let header = [['typ', '"at+jwt"'], ['alg', `"${alg}"`], ['kid', `"${name}"`]];
    let payload = [['iss', `"${issuer}"`], ['aud', `"${audience}"`], ['sub', '"248289761001"'],
        ['iat', String(now - 60)], ['exp', String(now + 300)]];
    const options = {};
    for (const word of changes) {
        if (word.startsWith('@')) {
            const [, option, , value] = /^@([a-z-]+)(=(.*))?$/s.exec(word);
            options[option] = value ?? '';
        } else if (word.startsWith('h:')) {
            header = change(header, word.slice(2));
        } else {
            payload = change(payload, word);
        }
    }
    const first = options['header-text'] ?? encode(options.header ?? objectText(header));
    let second = options['payload-text'] ?? encode(options.payload ?? objectText(payload));
    second = 'spare' in options ? spare(second) : second;
    let signature = options.signature !== undefined ?
        Buffer.from(options.signature, 'hex') :
        sign(alg, `${first}.${second}`, options.by ?? name, {...options, der: 'der' in options});
    if ('flip' in options) {
        signature = Buffer.from(signature);
        signature[signature.length - 1] ^= 1;
    }
    return `${first}.${second}.${signature.toString('base64url')}`;
}

export function jwk([name, ...changes]) {
    const hidden = changes.includes('PRIVATE');
    const key = pair(name)[hidden ? 'privateKey' : 'publicKey'].export({format: 'jwk'});
    let members = Object.entries({...key, kid: name}).map(([n, v]) => [n, JSON.stringify(v)]);
    for (const word of changes.filter((w) => w !== 'PRIVATE')) {
        members = change(members, word);
    }
    return objectText(members);
}

export const pem = ([name]) => pair(name).publicKey.export({format: 'pem', type: 'spki'});
