// The opinion of npm jose, asked with the options that correspond to those of pam-oauth.
import {compactVerify, createLocalJWKSet, jwtVerify} from 'jose';

const sets = new WeakMap();
function keySet(document) {
    if (!sets.has(document)) {
        let set;
        try {
            set = createLocalJWKSet(document);
        } catch (error) {
            set = () => { throw error; };
        }
        sets.set(document, set);
    }
    return sets.get(document);
}

// A key that cannot be imported or does not fit shows as one of node's errors, or of jose's own.
function isAboutKey(error) {
    return /^ERR_(CRYPTO|OSSL|INVALID_ARG)/.test(error.code ?? '') ||
        (error instanceof TypeError && /^Invalid key|key modulusLength|key must be/.test(error.message));
}

function codeOf(error) {
    if (error.code?.startsWith('ERR_J')) {
        return error.code;
    }
    if (isAboutKey(error)) {
        return 'KEY';
    }
    throw error; // a bug here or there, and no verdict
}

// {accepted, header, payload} or {accepted: false, code, claim}. `document` is a parsed JWKS, or
// undefined where there was none; `options` overrides the profile's.
export async function askJose(token, document, profile, options = {}) {
    if (document === null || typeof document !== 'object') {
        return {accepted: false, code: 'ERR_JWKS_INVALID'};
    }
    try {
        const verify = profile.signatureOnly ? compactVerify : jwtVerify;
        const {protectedHeader, payload} = await verify(token, keySet(document), {...profile.jose, ...options});
        return {accepted: true, header: protectedHeader, payload};
    } catch (error) {
        return {accepted: false, code: codeOf(error), claim: error.claim};
    }
}
