// A recording of record.exp as a picture: `draw.mjs RECORDING` prints an SVG in which every piece
// appears when it did (waits are cut short), and which stands still for whoever asks for less motion
// or cannot animate. `draw.mjs --text RECORDING-OR-SVG` prints the screen as text, with what differs
// each time masked: that is how a test knows that the picture is still true.

import { readFileSync } from 'node:fs';

const COLUMNS = 80;
// Half of a cell is a square, as QR codes want it.
const CELL = { width: 8.5, height: 17 };
const MARGIN = 16;
const LONGEST_WAIT_MS = 1200;

// What a terminal makes of the bytes: lines of {at, text}. Only what these programs send is known.
function screen(recording) {
  const lines = [[]];
  let now = 0;
  let before = 0;
  const decoder = new TextDecoder(); // a piece may end within a character
  for (const row of recording.trim().split('\n')) {
    const [at, hex] = row.split(' ');
    now += Math.min(Number(at) - before, LONGEST_WAIT_MS);
    before = Number(at);
    for (const character of decoder.decode(Buffer.from(hex, 'hex'), { stream: true }).replace(/\r/g, '')) {
      if (character === '\n') lines.push([]);
      else if (character < ' ') throw new Error(`a control character ${escape(character)}`);
      else lines.at(-1).push({ at: now, character });
    }
  }
  return lines.map(pieces);
}

// Characters that came together.
function pieces(cells) {
  const found = [];
  for (const { at, character } of cells) {
    if (found.at(-1)?.at === at) found.at(-1).text += character;
    else found.push({ at, text: character });
  }
  return found;
}

const delay = (ms) => `${(ms / 1000).toFixed(2)}s`;
const escaped = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

// A prompt of a shell, or of ssh, stands back; what is typed behind it does not.
function drawn({ at, text }) {
  const prompt = /^(\([^)]*\) |[\w@:~-]*\$ )(.*)$/.exec(text);
  const parts = prompt ? [`<tspan class="p">${escaped(prompt[1])}</tspan>`, escaped(prompt[2])] : [escaped(text)];
  return `<tspan style="animation-delay:${delay(at)}">${parts.join('')}</tspan>`;
}

// Too long for the screen: the next line has the rest.
function folded(line) {
  const rows = [[]];
  let room = COLUMNS;
  for (const { at, text } of line) {
    for (let rest = text; rest !== '';) {
      if (room === 0) {
        rows.push([]);
        room = COLUMNS;
      }
      const part = rest.slice(0, room);
      rows.at(-1).push({ at, text: part });
      rest = rest.slice(part.length);
      room -= part.length;
    }
  }
  return rows;
}

const lengthOf = (row) => row.reduce((n, { text }) => n + text.length, 0);
const isQr = (row) => row.length > 0 && row.every(({ text }) => /^[\u2580\u2584\u2588 ]*$/.test(text))
  && row.some(({ text }) => /[^ ]/.test(text));

// A line of a QR code: fonts leave gaps between blocks, so these are drawn.
function qr(row, y) {
  const runs = [];
  const half = CELL.height / 2;
  const text = row.map((piece) => piece.text).join('');
  for (const [blocks, top] of [[/[\u2580\u2588]+/g, y], [/[\u2584\u2588]+/g, y + half]]) {
    for (const { 0: run, index } of text.matchAll(blocks)) {
      runs.push(`M${MARGIN + index * CELL.width} ${top}h${run.length * CELL.width}v${half}h-${run.length * CELL.width}z`);
    }
  }
  return `<path style="animation-delay:${delay(row[0].at)}" d="${runs.join('')}"/>\n`;
}

function line(row, y) {
  if (row.length === 0) return '';
  if (isQr(row)) return qr(row, y);
  return `<text xml:space="preserve" x="${MARGIN}" y="${y + 0.75 * CELL.height}" textLength="${lengthOf(row) * CELL.width}">${
    row.map(drawn).join('')}</text>\n`;
}

function svg(lines) {
  const rows = lines.flatMap(folded);
  const width = COLUMNS * CELL.width + 2 * MARGIN;
  const height = rows.length * CELL.height + 2 * MARGIN;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" role="img">
<title>Signing in to build-3 with ssh: with a browser, and with a token</title>
<style>
rect { fill: #0d1117; stroke: #30363d }
text { font: 14px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #e6edf3; white-space: pre }
.p { fill: #7ee787 }
path { fill: #e6edf3; shape-rendering: crispEdges }
text > tspan, path { animation: shown 1ms linear backwards }
@keyframes shown { from { visibility: hidden } }
@media (prefers-reduced-motion: reduce) { text > tspan, path { animation: none } }
</style>
<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>
${rows.map((row, i) => line(row, MARGIN + i * CELL.height)).join('')}</svg>
`;
}

// The lines of a picture, without those that are empty; a code differs each time, and so does its QR.
function plain(source) {
  const picture = source.startsWith('<svg') ? source : svg(screen(source));
  return picture.match(/<(text|path) .*/g).map((row) => (row.startsWith('<path') ? 'QR'
    : row.replace(/<[^>]*>/g, '').replace(/[A-Z0-9]{4}-[A-Z0-9]{4}/g, 'CODE-CODE').trimEnd())).join('\n');
}

const [first, second] = process.argv.slice(2);
process.stdout.write(first === '--text' ? `${plain(readFileSync(second, 'utf8'))}\n`
  : svg(screen(readFileSync(first, 'utf8'))));
