// What this project wants its costs to be, beside what was measured: met, or missed and why.
import {ALGORITHMS, table} from './measured.mjs';
import {PEERS} from './verify.mjs';

const each = (values, digits = 2) => values.map((value) => value.toFixed(digits)).join(' / ');
const below = (values, goals) => values.every((value, i) => value <= goals[i]);
const above = (values, goals) => values.every((value, i) => value >= goals[i]);

// Each gives [what, goal, measured, met, why it is missed if it is].
const GOALS = {
    verify: ({verify}) => {
        const ratios = ALGORITHMS.map((alg) => verify.ours[alg].ratio);
        const beyond = ALGORITHMS.map((alg) => verify.ours[alg].beyond_raw / 1000);
        const peers = ALGORITHMS.map((alg) => Math.max(...PEERS.map((peer) => verify[peer][alg]?.ratio ?? 0)));
        return [
            ['verifying to bare EVP_DigestVerify', '>= 0.90 / 0.90 / 0.95 / 0.95', each(ratios), above(ratios, [0.9, 0.9, 0.95, 0.95]),
                'the payload is read as strict JSON into values (claims_open in the profile), and each claim is checked'],
            ['instructions beyond it, k', '<= 30', each(beyond, 0), below(beyond, [30, 30, 30, 30]), 'the same'],
            ['ahead of every library of Debian', `> ${each(peers)}`, each(ratios), ratios.every((ratio, i) => ratio > peers[i])],
        ];
    },
    login: ({login: {cold, warm}}) => {
        const of = (host, name) => ALGORITHMS.map((alg) => host[alg][name]);
        const whole = of(cold, 'instructions').map((ir) => ir / 1e6);
        const added = of(warm, 'added_instructions').map((ir) => ir / 1e6);
        const mb = (host, name) => of(host, name).map((kb) => kb / 1024);
        return [
            ['warm, times pam_permit', '<= 2.3', each(of(warm, 'ratio'), 1), below(of(warm, 'ratio'), [2.3, 2.3, 2.3, 2.3]),
                'the goal is a prototype\'s: no configuration, no ownership checks, no line in the log (config_load, account_check)'],
            ['warm, instructions added, M', '<= 1.5 / 1.5 / 2.1 / 2.6', each(added), below(added, [1.5, 1.5, 2.1, 2.6]),
                'the same'],
            ['cold, times pam_permit', '<= 3.5', each(of(cold, 'ratio'), 1), below(of(cold, 'ratio'), [3.5, 3.5, 3.5, 3.5]),
                'nine of ten of it are loading and starting libcrypto'],
            ['cold, instructions of the whole process, M', '<= 12 / 12 / 12.6 / 13', each(whole), below(whole, [12, 12, 12.6, 13])],
            ['cold, to pam_exec', '< 1', each(of(cold, 'to_exec')), below(of(cold, 'to_exec'), [1, 1, 1, 1])],
            ['cold, to a password (yescrypt)', '<= 0.100', each(of(cold, 'to_unix'), 3), below(of(cold, 'to_unix'), [0.1, 0.1, 0.1, 0.1]),
                'a third of it is the process, which a password has as well'],
            ['cold, memory added, MB', '<= 4.6', each(mb(cold, 'resident_kb')), below(mb(cold, 'resident_kb'), [4.6, 4.6, 4.6, 4.6]),
                'pages of libcrypto that the file system has anyway'],
            ['cold, of it private', '<= 0.75', each(mb(cold, 'private_kb')), below(mb(cold, 'private_kb'), [0.75, 0.75, 0.75, 0.75])],
            ['warm, memory added, MB', '<= 1.0', each(mb(warm, 'resident_kb')), below(mb(warm, 'resident_kb'), [1, 1, 1, 1]),
                'pages of libcrypto that no other use has touched'],
            ['warm, of it private', '<= 0.13', each(mb(warm, 'private_kb')), below(mb(warm, 'private_kb'), [0.13, 0.13, 0.13, 0.13])],
            ['shared objects beyond the module, cold and warm', '<= 2, <= 1', `${cold.RS256.objects}, ${warm.RS256.objects}`,
                below([cold.RS256.objects, warm.RS256.objects], [2, 1])],
        ];
    },
    growth: ({growth}) => {
        const [one, ...more] = growth.stored_keys.points;
        const share = more.filter(({x}) => [10, 100].includes(x)).map(({y}) => 100 * (y - one.y) / one.y);
        const [map, ...lines] = growth.map.points;
        return [
            ['10 and 100 stored keys beside 1, % of instructions', '<= 2', each(share, 1), below(share, [2, 2]),
                'all lines are looked over: that none is missing, and that no two have the kid (a stored key more, in the profile)'],
            ['a key more in a jwks_file, instructions', '<= 200', growth.pinned_keys.each.toFixed(0), growth.pinned_keys.each <= 200,
                'a file of the administrator\'s is read as strict JSON; keys that are fetched are not'],
            ['a line more in the map, instructions', '<= 40', growth.map.each.toFixed(0), growth.map.each <= 40,
                'each byte is looked at for the name, CR, NUL, `!` and `*`, and lines are counted for the log'],
            ['a million lines, ms more', '<= 10', ((lines.at(-1).us - map.us) / 1000).toFixed(1), lines.at(-1).us - map.us <= 10000,
                'the whole file is read, 64 kB at a time, and looked through (a line more in the map, in the profile)'],
            ['a million lines, kB more', '<= 128', `${lines.at(-1).resident_kb - map.resident_kb}`,
                lines.at(-1).resident_kb - map.resident_kb <= 128],
        ];
    },
    network: ({network}) => [
        ['a refresh, to curl for the same documents', '<= 1.2', network.refresh_ratio.toFixed(2), network.refresh_ratio <= 1.2]],
};

export function goals(results) {
    const rows = Object.entries(GOALS).filter(([area]) => results[area] !== undefined).flatMap(([, rule]) => rule(results));
    const names = ['what', 'goal', 'measured', 'met', 'why'];
    return {
        results: rows.map((row) => Object.fromEntries(row.map((value, i) => [names[i], value]))),
        text: rows.length === 0 ? 'No goal is of these.' : `Goals (four numbers: RS256, PS256, ES256, EdDSA):\n\n${table(['', 'goal', 'measured', ''],
            rows.map(([what, goal, got, met, why]) => [what, goal, got, met ? 'met' : `missed${why ? `: ${why}` : ''}`]))}\n\n${
            rows.filter(([, , , met]) => met).length} of ${rows.length} met`,
    };
}
