// One sign-in by each module; one token verified by a program that starts for it; a device flow; the
// network. Each function gives what build/bench/NAME.json has, and the tables that show it.
import {ALGORITHMS, million, ms, table} from './measured.mjs';

const wall = ({wall}) => wall;
const inside = ({printed}) => printed[0];
const TITLES = {
    permit: 'pam_permit', oath: 'pam_oath, HOTP', google: 'google-authenticator, HOTP',
    exec: 'pam_exec, a shell script that reads the token', unix: 'pam_unix, yescrypt',
};
const title = (name) => TITLES[name] ?? `**pam_oauth**, ${name}`;

function host(measured, kind, time) {
    const race = measured.race(`login-${kind}.race`);
    const memory = measured.race(`login-memory-${kind}.race`);
    const counts = measured.counts(`login-${kind}.counts`);
    const permit = [0, 1, 2].map((i) => memory.median('permit', ({printed}) => printed[i]));
    return Object.fromEntries(Object.keys({...TITLES, ...Object.fromEntries(ALGORITHMS.map((alg) => [alg])) })
        .filter((name) => race.commands.includes(name)).map((name) => {
            const grown = [0, 1, 2].map((i) => memory.median(name, ({printed}) => printed[i]));
            return [name, {
                us: race.median(name, time), ratio: race.ratio(name, 'permit', time), instructions: counts[name],
                added_instructions: name in counts ? counts[name] - counts.permit : undefined,
                resident_kb: grown[0] - permit[0], private_kb: grown[1] - permit[1], objects: grown[2] - permit[2],
                to_exec: race.commands.includes('exec') ? race.ratio(name, 'exec', time) : undefined,
                to_unix: race.ratio(name, 'unix', time),
            }];
        }));
}

function rows(results) {
    return Object.entries(results).map(([name, result]) => [
        title(name), ms(result.us), result.ratio.toFixed(name === 'unix' ? 0 : 1),
        result.added_instructions === undefined ? '' : million(result.added_instructions),
        name === 'permit' ? '' : (result.resident_kb / 1024).toFixed(2), name === 'permit' ? '' : (result.private_kb / 1024).toFixed(2),
        name === 'permit' ? '' : result.objects]);
}

export function login(measured) {
    const results = {cold: host(measured, 'cold', wall), warm: host(measured, 'warm', inside)};
    const columns = ['ms', 'times pam_permit', 'instructions added, M', 'memory added, MB', 'of it private', 'shared objects added'];
    const bars = Object.entries(results.cold).map(([name, {us}]) => ['bar', title(name).replaceAll('*', ''), us / 1000].join('\t'));
    return {
        results, plots: {login: [['bars', 'One sign-in in a process that starts for it, ms'].join('\t'), ...bars]},
        text: [
            'One sign-in, a cold host (as sudo: libcrypto is not loaded), the whole process:',
            table(['', ...columns], rows(results.cold)),
            'One sign-in, a warm host (as sshd: libcrypto is loaded and was used), pam_start to pam_end:',
            table(['', ...columns], rows(results.warm)),
        ].join('\n\n'),
    };
}

export function cli(measured) {
    const race = measured.race('cli.race');
    const counts = measured.counts('cli.counts');
    const titles = {
        true: '/bin/true', verify: '**pam-oauth verify**, configuration, stored keys and claims',
        explain: '**pam-oauth explain**, the map too', openssl: 'openssl dgst -verify, the signature alone',
        jose: 'jose jws ver, signature',
    };
    const results = Object.fromEntries(Object.keys(titles).map((name) => [name, {
        us: race.median(name, wall), ratio: race.ratio(name, 'true', wall), instructions: counts[name],
        resident_kb: race.median(name, ({resident}) => resident),
    }]));
    return {
        results,
        text: `One token (RS256), a program that starts for it:\n\n${table(['', 'ms', 'times /bin/true', 'instructions, M', 'peak memory, MB'],
            Object.entries(results).map(([name, {us, ratio, instructions, resident_kb}]) => [
                titles[name], ms(us), ratio.toFixed(1), million(instructions), (resident_kb / 1024).toFixed(1)]))}`,
    };
}

export function device(measured) {
    const race = measured.race('device.race');
    const waited_us = 2e6;
    const results = Object.fromEntries(['ours', 'curl'].map((name) => [name, {
        beyond_waiting_us: race.median(name, wall) - waited_us, processor_us: race.median(name, ({cpu}) => cpu),
    }]));
    results.processor_ratio = race.ratio('ours', 'curl', ({cpu}) => cpu);
    const row = (name, what) => [what, ms(results[name].beyond_waiting_us), ms(results[name].processor_us)];
    return {
        results,
        text: `A device flow: a code, two polls a second apart, an ID token (two seconds of waiting left out):\n\n${table(
            ['', 'ms', 'processor, ms'], [row('ours', '**pam_oauth**, the whole sign-in, fetcher included'),
                row('curl', 'a loop of curl, the same three requests')])}`,
    };
}

export function network(measured) {
    const results = measured.counts('network');
    return {
        results,
        text: [
            `A login with a key that was rotated in: ${ms(results.rotated_us)} ms; its refresh took ` +
                `${results.refresh_ratio} times what curl takes for the same two documents (${ms(results.curl_us)} ms).`,
            `With stale keys: ${results.stale_ratio} times what it takes with fresh ones (${ms(results.fresh_us)} ms), ` +
                `${results.stale_instructions} instructions more; the one login a minute that calls for their refresh, ` +
                `${ms(results.calls_us)} ms.`].join('\n'),
    };
}
