// What can be said of an input by looking at it: of a key set, and of a token to be judged with it.
// No verdict of anybody is used here; the differences that are allowed are told by these facts.
import {b64, unb64} from './numbers.mjs';
import {faultsOf, lenient} from './json.mjs';
import {keyAlgorithms, keyFaults, kindOf} from './keyfaults.mjs';
import {issuer} from './profiles.mjs';

const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);

export class KeySet {
    constructor(bytes, profile) {
        this.bytes = bytes;
        this.document = lenient(bytes);
        this.isSet = isObject(this.document) && Array.isArray(this.document.keys);
        this.jsonFaults = this.isSet ? faultsOf(bytes, 'set') : new Set();
        this.isTooLarge = bytes.length > 512 * 1024 || (this.isSet && this.document.keys.length > 100);
        this.keys = this.isSet ? this.document.keys : [];
        this.issuer = profile.signatureOnly ? undefined : issuer;
        this.usable = this.keys.filter((jwk) => this.faultsOf(jwk).length === 0);
    }

    faultsOf(jwk) {
        return keyFaults(jwk, this.issuer);
    }
}

// Can the key verify what the header names, as RFC 7517 4 says? Its numbers are not looked at.
function isFor(jwk, alg) {
    const kind = kindOf(jwk);
    return kind !== undefined && keyAlgorithms[kind].includes(alg) &&
        (typeof jwk.alg !== 'string' || jwk.alg === alg) && (typeof jwk.use !== 'string' || jwk.use === 'sig') &&
        (!Array.isArray(jwk.key_ops) || jwk.key_ops.includes('verify'));
}

export class Case {
    constructor(token, set, profile) {
        this.set = set;
        this.profile = profile;
        // One CR before the line end of a batch belongs to the line end.
        this.token = token.endsWith('\r') ? token.slice(0, -1) : token;
        const parts = this.token.split('.');
        this.parts = parts;
        this.isCompact = parts.length === 3;
        const [head, body, signature] = this.isCompact ? parts : ['', '', ''];
        this.signed = `${head}.${body}`;
        this.signature = unb64(signature);
        this.header = this.read('headerFaults', head);
        this.claims = this.read('payloadFaults', body) ?? {};
        this.alg = typeof this.header?.alg === 'string' ? this.header.alg : undefined;
        this.kid = this.header?.kid;
        this.findKeys();
    }

    read(faults, part) {
        const bytes = unb64(part);
        const value = lenient(bytes);
        this[faults] = isObject(value) ? faultsOf(bytes, 'token') : new Set();
        return isObject(value) ? value : undefined;
    }

    // candidates: what a library takes that trusts what is written; usable: without the keys that
    // must be passed over; chosen: the one key that may verify this token.
    findKeys() {
        const {kid, alg, profile} = this;
        const named = (jwk) => typeof kid !== 'string' || jwk.kid === kid;
        const enabled = (jwk) => jwk.crv !== 'Ed448' || profile.algorithms.includes('Ed448');
        this.candidates = this.set.keys.filter((jwk) => isObject(jwk) && named(jwk) && isFor(jwk, alg));
        this.usable = this.candidates.filter((jwk) => this.set.faultsOf(jwk).length === 0 && enabled(jwk));
        this.sole = this.candidates.length === 1 ? this.candidates[0] : undefined;
        this.soleFaults = this.sole === undefined ? [] : this.set.faultsOf(this.sole);
        this.sharesKid = typeof kid === 'string' && this.set.usable.filter(named).length > 1;
        this.chosen = this.usable.length === 1 && !this.sharesKid ? this.usable[0] : undefined;
    }

    get isCanonical() {
        return this.parts.every((part) => b64(unb64(part)) === part);
    }

    // The media type without `application/`, in small letters; undefined where there is none.
    get typ() {
        const typ = this.header?.typ;
        return typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : undefined;
    }
}
