// How a token is judged: the options of `pam-oauth verify`, and the same for npm jose.

export const now = 1800000000;
export const issuer = 'https://sso.example.org/staff';
export const audiences = ['ssh://host', 'linux-login'];

const everything = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA',
    'Ed25519', 'Ed448'];
const algorithmLists = {
    all: {list: everything, option: ['--algorithms', everything.join(' ')]},
    default: {list: ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'], option: []},
};
const kinds = {signature: undefined, access: 'access_token', id: 'id_token', any: 'any'};
export const maxAge = 3600;
export const maxLifetime = 86400;

export function profileOf(kind, algorithms = 'all', skew = 30) {
    const {list, option} = algorithmLists[algorithms];
    const claims = ['--issuer', issuer, ...audiences.flatMap((a) => ['--audience', a]), '--token-kind', kinds[kind],
        '--clock-skew', String(skew)];
    return {
        kind,
        skew,
        algorithms: list,
        signatureOnly: kind === 'signature',
        options: ['--at', String(now), ...option, ...(kind === 'signature' ? ['--signature-only'] : claims)],
        jose: {
            algorithms: list, issuer, audience: audiences, clockTolerance: skew, maxTokenAge: maxAge,
            requiredClaims: ['exp', 'sub'], currentDate: new Date(now * 1000),
            ...(kind === 'access' && {typ: 'at+jwt'}),
        },
    };
}
