// One input before all judges: pam-oauth's answer against npm jose's, as far as no row of the table
// (differences.mjs) says otherwise, and against the arithmetic.
import {askJose} from './judges/jose.mjs';
import {fits} from './judges/arithmetic.mjs';
import {broader, stricter} from './differences.mjs';

const claimWords = ['issuer', 'audience', 'expired', 'not_yet_valid', 'too_old', 'claim', 'type'];
// With these the signature has been verified; `type` and `malformed` can also come before.
const verifiedWords = ['accepted', ...claimWords.filter((word) => word !== 'type')];
// A part that must not be empty, or one that is longer than any key makes, is seen before the rest.
const hasStrangeParts = ({isCompact, parts, signature}) =>
    isCompact && (parts[0] === '' || parts[2] === '' || signature.length > 1024);

// Our reason words for what made jose refuse.
function wordsOf({code}, c) {
    const noKey = c.set.usable.length > 0 ? 'unknown_key' : 'keys_unavailable';
    if (!c.set.isSet) {
        return ['keys_unavailable'];
    }
    switch (code) {
    case 'ERR_JWS_INVALID': return ['malformed', 'header', 'alg'];
    case 'ERR_JOSE_ALG_NOT_ALLOWED': return ['alg'];
    case 'ERR_JOSE_NOT_SUPPORTED': return ['header', noKey];
    case 'ERR_JWKS_INVALID':
    case 'ERR_JWKS_NO_MATCHING_KEY':
    case 'ERR_JWKS_MULTIPLE_MATCHING_KEYS':
    case 'KEY': return [noKey];
    case 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED':
        return [c.chosen === undefined ? noKey : 'signature'];
    case 'ERR_JWT_INVALID': return ['malformed'];
    case 'ERR_JWT_EXPIRED':
    case 'ERR_JWT_CLAIM_VALIDATION_FAILED': return claimWords;
    default: throw new Error(`jose says ${code}`);
    }
}

// Has this answer of jose's come to the signature, and what does it say of it?
function joseOnSignature({accepted, code}) {
    if (code === 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED') {
        return false;
    }
    return accepted || code?.startsWith('ERR_JWT') ? true : undefined;
}

function oursOnSignature({reason}) {
    return reason === 'signature' ? false : verifiedWords.includes(reason) ? true : undefined;
}

// What jose read of a token that both accept must be what we read.
function readsOtherwise(ours, theirs, c) {
    const sub = c.profile.signatureOnly ? null : theirs.payload.sub;
    return ours.alg !== theirs.header.alg || ours.kid !== (theirs.header.kid || null) || ours.sub !== sub;
}

function* complaintsOf(ours, theirs, again, held, c, words) {
    const accepts = ours.verdict === 'accepted';
    const allowed = [...held.flatMap((row) => row.words), ...(again.accepted ? [] : wordsOf(again, c)),
        ...(hasStrangeParts(c) ? ['malformed'] : [])];
    if (accepts !== (again.accepted && held.length === 0)) {
        yield accepts ? 'pam-oauth accepts what must be refused' : 'pam-oauth refuses what must be accepted';
    } else if (!accepts && !allowed.includes(ours.reason)) {
        yield `the reason is none of: ${[...new Set(allowed)].join(' ')}`;
    }
    if (words !== undefined && !words.includes(ours.reason)) {
        yield `the mutation makes: ${words.join(' ')}`;
    }
    if ((ours.verdict === 'failed') !== (ours.reason === 'keys_unavailable')) {
        yield 'a fault that nothing explains';
    }
    if (accepts && theirs.accepted && readsOtherwise(ours, theirs, c)) {
        yield `jose read alg, kid, sub: ${theirs.header.alg} ${theirs.header.kid} ${theirs.payload.sub}`;
    }
}

// Both judges' word on the signature against the arithmetic's; the number of words that were heard.
function compareSignatures(ours, theirs, c, complaints) {
    const said = [['pam-oauth', oursOnSignature(ours), c.chosen], ['jose', joseOnSignature(theirs), c.sole]]
        .filter(([, word]) => word !== undefined);
    for (const [who, word, key] of said) {
        const truth = key !== undefined && fits(c.alg, key, c.signed, c.signature) === true;
        if (truth !== word) {
            complaints.push(`${who} says of the signature ${word}, the arithmetic ${truth}`);
        }
    }
    return said.length;
}

// jose's answer to the case without what these rows of `broader` are about.
function askWithout(c, rows) {
    const plain = {token: c.token, keys: undefined, options: {}};
    const {token, keys, options} = rows.reduce((question, row) => ({...question, ...row.again(c, question)}), plain);
    return askJose(token, keys === undefined ? c.set.document : {keys}, c.profile, options);
}

// The rows without each of which the difference would not be explained.
async function explaining(c, ours, held, wider) {
    if (ours.verdict !== 'accepted') {
        return held.filter((row) => row.words.includes(ours.reason)).slice(0, 1);
    }
    const rows = [];
    for (const row of wider) {
        const {accepted} = await askWithout(c, wider.filter((other) => other !== row));
        if (!accepted) {
            rows.push(row);
        }
    }
    return rows;
}

// `ours` is pam-oauth's answer to the case, `words` the reasons that the mutation implies, if any.
// {complaints, rows: what explains a difference, signatures: compared with the arithmetic, jose, held}
export async function judge(c, ours, words) {
    const theirs = await askJose(c.token, c.set.document, c.profile);
    const held = stricter.filter((row) => row.holds(c));
    const wider = broader.filter((row) => row.holds(c));
    const again = wider.length === 0 ? theirs : await askWithout(c, wider);
    const complaints = [...complaintsOf(ours, theirs, again, held, c, words)];
    const signatures = compareSignatures(ours, theirs, c, complaints);
    const differs = (ours.verdict === 'accepted') !== theirs.accepted;
    const rows = differs ? await explaining(c, ours, held, wider) : [];
    return {complaints, rows, differs, signatures, jose: theirs, held: [...held, ...wider]};
}
