// report.mjs DIRECTORY: of DIRECTORY/measured, whatever is there, makes DIRECTORY/AREA.json and the input
// of draw.awk, DIRECTORY/{login,growth}.plot; prints the tables, and at the end the goals.
import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';

import {Measured} from './report/measured.mjs';
import {cli, device, login, network} from './report/login.mjs';
import {growth, storm} from './report/growth.mjs';
import {goals} from './report/goals.mjs';
import {verify} from './report/verify.mjs';

// What has to be there, and what reads it.
const AREAS = [
    ['login', 'login-warm.counts', login], ['verify', 'verify.counts', verify], ['cli', 'cli.counts', cli],
    ['device', 'device.race', device], ['network', 'network', network], ['growth', 'used', growth],
    ['storm', 'storm.server', storm],
];

const version = (name) => {
    try {
        return `${name} ${execFileSync('dpkg-query', ['-W', '-f', '${Version}', name], {stdio: ['ignore', 'pipe', 'ignore']})}`;
    } catch {
        return `${name} ?`;
    }
};
const machine = [`${os.cpus().length} x ${os.cpus()[0].model.trim()}`, `${os.type()} ${os.release().split('-')[0]}`,
    ...['libc6', 'libssl3', 'libjansson4', 'libpam0g'].map(version)].join(', ');

const [directory] = process.argv.slice(2);
const measured = new Measured(`${directory}/measured`);
const results = {};
const texts = [];
const plots = {};
const write = (name, value) => fs.writeFileSync(`${directory}/${name}.json`, `${JSON.stringify(value, null, 1)}\n`);

for (const [name, needed, area] of AREAS.filter(([, file]) => measured.has(file))) {
    const said = area(measured);
    results[name] = said.results;
    texts.push(said.text);
    for (const [plot, lines] of Object.entries(said.plots ?? {})) (plots[plot] ??= []).push(...lines);
    write(name, {machine, ...said.results});
}
for (const [plot, lines] of Object.entries(plots)) fs.writeFileSync(`${directory}/${plot}.plot`, `${lines.join('\n')}\n`);
const judged = goals(results);
write('goals', {machine, goals: judged.results});
// An explanation that no longer holds.
if (Object.values(results.growth ?? {}).some(({as_explained: holds}) => holds === false)) process.exitCode = 1;
console.log([`Measured on ${machine}`, ...texts, judged.text].join('\n\n'));
